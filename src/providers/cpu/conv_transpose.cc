// Transposed convolution of channels-last data, without adding up overlaps: outputs whose places agree modulo the stride see the same
// taps, so that each such phase is a convolution of stride 1 with some of the weights, mirrored, whose results lie a stride apart.
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "ops/common/sliding_window.h"
#include "providers/cpu/conv.h"
#include "providers/cpu/product.h"

namespace samoyed::cpu {
namespace {

constexpr int64_t kMaxPhases = 64;

// The taps of one axis that reach the outputs o with (o + pad) mod stride = number: tap `first + i * step` takes input
// q - reach + (count - 1 - i) * reach_step for the output at q * stride + number - pad.
struct Phase {
  int64_t number = 0, first = 0, step = 1, count = 0;
  int64_t reach = 0;  // of the last tap
  int64_t reach_step = 1;

  Phase(int64_t phase, int64_t kernel, int64_t stride, int64_t dilation) : number(phase) {
    const int64_t common = std::gcd(stride, dilation);
    step = stride / common;
    reach_step = dilation / common;
    for (first = 0; first < std::min(kernel, step) && first * dilation % stride != phase; ++first) {
    }
    count = first < std::min(kernel, step) ? (kernel - 1 - first) / step + 1 : 0;
    reach = count > 0 ? (last() * dilation) / stride : 0;
  }
  int64_t last() const { return first + (count - 1) * step; }
};

// The outputs of a phase along an axis, whose `in` is the result's size: first, first + stride, ...; the first belongs to q.
struct PhaseOutputs {
  int64_t first, count, q;
  PhaseOutputs(const ops::WindowAxis& axis, const Phase& phase) {
    first = ((phase.number - axis.pad_begin) % axis.stride + axis.stride) % axis.stride;
    count = axis.in > first ? (axis.in - first + axis.stride - 1) / axis.stride : 0;
    q = (first + axis.pad_begin) / axis.stride;
  }
};

// The q of all outputs of an axis, and the input elements that they see.
struct Reach {
  int64_t begin, end;  // of q
  int64_t back;        // elements before begin
  explicit Reach(const ops::WindowAxis& axis)
      : begin(axis.pad_begin / axis.stride),
        end((axis.in - 1 + axis.pad_begin) / axis.stride + 1),
        back((axis.kernel - 1) * axis.dilation / axis.stride) {}
  int64_t size() const { return end - begin + back; }
  bool inside(const ops::WindowAxis& axis) const { return back == 0 && begin == 0 && end <= axis.out; }
};

class TransposedConv final : public Kernel {
 public:
  static Result<std::unique_ptr<Kernel>> Make(const KernelSpec& spec, CpuLevel level);
  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return bytes_; }
  bool OwnsConstant(int input) const override { return input == 1 || input == 2; }
  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty()) return 0;
    const auto shape = ShapeOf(inputs[0]);
    return shape.ok() ? ScratchSlots::Bytes(SlotBytes(*shape, PlanRows(*shape, threads)), threads) : 0;
  }
  Status Run(KernelContext& ctx) const override;

 private:
  struct RunShape {
    int64_t batch = 0;
    ops::WindowAxis h, w;  // in: of the result
  };
  struct Operands {
    const float *x, *residual;
    float* y;
  };
  explicit TransposedConv(const TileFns& tile) : tile_(tile) {}

  Result<RunShape> ShapeOf(const Shape& x) const;
  int64_t OffsetBytes() const { return AlignScratch(ScratchProduct(kernel_h_ * kernel_w_, sizeof(int64_t))); }
  bool ReadsInPlace(const RunShape& s) const { return Reach(s.h).inside(s.h) && Reach(s.w).inside(s.w); }
  int64_t RowFloats(const RunShape& s) const { return ScratchProduct(Reach(s.w).size(), channels_); }
  // Values of q a piece of work.
  int64_t PlanRows(const RunShape& s, int threads) const;
  int64_t SlotBytes(const RunShape& s, int64_t rows) const {
    if (ReadsInPlace(s)) return OffsetBytes();
    return OffsetBytes() + ScratchProduct(ScratchProduct(rows + Reach(s.h).back, RowFloats(s)), sizeof(float));
  }
  void RunPiece(const RunShape& s, const Operands& run, int64_t n, int64_t begin, int64_t end, std::byte* scratch) const;

  const TileFns& tile_;
  ops::TransposedWindow window_;
  int64_t channels_ = 0, out_channels_ = 0, group_ = 1, kernel_h_ = 1, kernel_w_ = 1;
  std::vector<Phase> phases_h_, phases_w_;
  std::vector<PackedMatrix> weights_;  // [group][phase of h][phase of w]
  int64_t bytes_ = 0;
  Finish finish_;
  int residual_input_ = -1;
  std::string name_;
};

Result<TransposedConv::RunShape> TransposedConv::ShapeOf(const Shape& x) const {
  const int rank = window_.window.rank() + 2;
  if (x.rank() != rank || x[rank - 1] != channels_)
    return BadInput("ConvTranspose: an input [N, spatial..., C] of shape ", x.ToString(), " for weights of ", channels_, " input channels");
  RunShape s;
  s.batch = x[0];
  s.h.in = s.h.out = 1;
  if (rank == 4) {
    SAMOYED_ASSIGN_OR_RETURN(s.h, ops::PlaceTransposedWindow(window_, 0, x[1]));
  }
  SAMOYED_ASSIGN_OR_RETURN(s.w, ops::PlaceTransposedWindow(window_, rank - 3, x[rank - 2]));
  return s;
}

int64_t TransposedConv::PlanRows(const RunShape& s, int threads) const {
  const Reach reach(s.h);
  const int64_t all = std::max<int64_t>(1, reach.end - reach.begin), fit = BlockBytes() / std::max<int64_t>(4, RowFloats(s) * 4);
  int64_t rows = std::clamp<int64_t>(fit - reach.back, 1, all);
  const double flops = 2.0 * static_cast<double>(s.batch * s.h.out * s.w.out) * static_cast<double>(channels_ / group_) *
                       static_cast<double>(out_channels_ * kernel_h_ * kernel_w_);
  const int64_t wanted = PiecesFor(flops, threads);
  return std::min(rows, std::max<int64_t>(1, all * std::max<int64_t>(1, s.batch) / wanted));
}

void TransposedConv::RunPiece(const RunShape& s, const Operands& run, int64_t n, int64_t begin, int64_t end, std::byte* scratch) const {
  const Reach rows(s.h), columns(s.w);
  // Element (row, column) of the padded input lies at `from` + ((row - top) * width + column - left) * channels.
  const float* from = run.x + n * s.h.out * s.w.out * channels_;
  int64_t top = 0, left = 0, width = s.w.out;
  if (!ReadsInPlace(s)) {
    auto* copy = reinterpret_cast<float*>(scratch + OffsetBytes());
    top = begin - rows.back;
    left = columns.begin - columns.back;
    width = columns.size();
    CopyPadded(from, s.h.out, s.w.out, channels_, top, end - top, left, width, copy);
    from = copy;
  }
  auto* offsets = reinterpret_cast<int64_t*>(scratch);
  const int64_t in = channels_ / group_, out = out_channels_ / group_;
  Finish sums = finish_;
  sums.activate = nullptr;
  size_t at = 0;
  for (int64_t g = 0; g < group_; ++g) {
    for (const Phase& h : phases_h_) {
      for (const Phase& w : phases_w_) {
        const PackedMatrix& weights = weights_[at++];
        const PhaseOutputs oh(s.h, h), ow(s.w, w);
        const int64_t first = std::max<int64_t>(0, begin - oh.q), last = std::min(oh.count, end - oh.q);
        if (first >= last || ow.count == 0) continue;
        const bool whole_rows = group_ == 1 && w.reach_step == 1;
        Runs runs{offsets, w.count == 0 ? 0 : h.count, w.count * in};
        if (!whole_rows) runs = {offsets, h.count * w.count, in};
        for (int64_t r = 0; r < runs.count; ++r) {
          const int64_t i = whole_rows ? r : r / w.count, j = whole_rows ? 0 : r % w.count;
          offsets[r] = (i * h.reach_step * width + j * w.reach_step) * channels_;
        }
        Strips strips;
        strips.strips = last - first;
        strips.rows = ow.count;
        strips.a = runs.count == 0 ? from : from + ((oh.q + first - h.reach - top) * width + ow.q - w.reach - left) * channels_ + g * in;
        strips.a_step = width * channels_;
        strips.a_stride = channels_;
        strips.c_stride = strips.residual_stride = s.w.stride * out_channels_;
        strips.c_step = strips.residual_step = s.h.stride * s.w.in * out_channels_;
        const int64_t to = ((n * s.h.in + oh.first + first * s.h.stride) * s.w.in + ow.first) * out_channels_ + g * out;
        strips.c = run.y + to;
        if (run.residual != nullptr) strips.residual = run.residual + to;
        Multiply(tile_, strips, runs, weights, 0, weights.panels(), sums);
      }
    }
  }
  if (finish_.activate == nullptr) return;
  // Whole rows of results at a time: a phase's own lie apart.
  const auto row_of = [&](int64_t q) { return std::clamp<int64_t>(q * s.h.stride - s.h.pad_begin, 0, s.h.in); };
  const int64_t row = s.w.in * out_channels_, first = row_of(begin), last = row_of(end);
  float* y = run.y + (n * s.h.in + first) * row;
  finish_.activate(y, y, (last - first) * row, finish_.alpha, finish_.beta);
}

Status TransposedConv::Run(KernelContext& ctx) const {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->dtype() != DType::kFloat) return BadInput("ConvTranspose was made for float, not ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const RunShape s, ShapeOf(x->shape()));
  const Shape shape = x->rank() == 3 ? Shape({s.batch, s.w.in, out_channels_}) : Shape({s.batch, s.h.in, s.w.in, out_channels_});
  Operands run{x->data<float>(), nullptr, nullptr};
  if (residual_input_ >= 0) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* residual, RequireInput(ctx, residual_input_));
    if (residual->dtype() != DType::kFloat || residual->shape() != shape)
      return BadInput("ConvTranspose: a residual of shape ", residual->shape().ToString(), " for a result of shape ", shape.ToString());
    run.residual = residual->data<float>();
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
  if (y->size() == 0) return OkStatus();
  run.y = y->mutable_data<float>();
  const Reach reach(s.h);
  const int64_t rows = PlanRows(s, ctx.threads()), blocks = (reach.end - reach.begin + rows - 1) / rows;
  ScratchSlots slots(ctx.scratch(), SlotBytes(s, rows));
  ctx.ParallelFor(s.batch * blocks, 1, [&](int64_t begin, int64_t end) {
    ScratchSlots::Lease lease(slots);
    for (int64_t piece = begin; piece < end && ctx.Poll().ok(); ++piece) {
      const int64_t first = reach.begin + piece % blocks * rows;
      RunPiece(s, run, piece / blocks, first, std::min(reach.end, first + rows), lease.data());
    }
  });
  return ctx.Poll();
}

Support QueryConvTranspose(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0)) return Support::No(StrCat("transposed convolution of ", spec.input_type(0).ToString(), " is not vectorised"));
  const Tensor *w = spec.constant(1), *bias = spec.has_input(2) ? spec.constant(2) : nullptr;
  if (w == nullptr || (spec.has_input(2) && bias == nullptr)) return Support::No("the weights are not constant");
  if (w->dtype() != DType::kFloat || (w->rank() != 3 && w->rank() != 4) || w->size() == 0 || spec.input_type(0).rank() != w->rank())
    return Support::No(StrCat("weights ", w->shape().ToString(), " are not of 1 or 2 spatial axes"));
  const int64_t group = spec.node.attributes.Int("group", 1);
  if (group < 1 || w->dim(0) % group != 0) return Support::No("the groups do not divide the channels");
  const auto channels = CheckedMul(w->dim(1), group);
  if (!channels || (bias != nullptr && (bias->dtype() != DType::kFloat || bias->rank() != 1 || bias->dim(0) != *channels)))
    return Support::No("the bias does not fit the weights");
  const auto window = ops::ReadTransposedWindow(SpecContext(spec), w->rank() - 2, w->shape().dims().subspan(2));
  if (!window.ok()) return Support::No(std::string(window.status().message()));
  int64_t phases = 1;
  for (const int64_t stride : window->window.strides) phases = ScratchProduct(phases, stride);
  if (phases > kMaxPhases) return Support::No("strides this long are left to the reference");
  return Support::Yes(LayoutSupport::kPrefersChannelsLast);
}

Result<std::unique_ptr<Kernel>> TransposedConv::Make(const KernelSpec& spec, CpuLevel level) {
  const Tensor& w = *spec.constant(1);
  const float* bias = spec.has_input(2) ? spec.constant(2)->data<float>() : nullptr;
  auto kernel = std::unique_ptr<TransposedConv>(new TransposedConv(TileFnsFor(level)));
  TransposedConv& k = *kernel;
  SAMOYED_ASSIGN_OR_RETURN(k.window_, ops::ReadTransposedWindow(SpecContext(spec), w.rank() - 2, w.shape().dims().subspan(2)));
  k.group_ = spec.node.attributes.Int("group", 1);
  k.channels_ = w.dim(0);
  k.out_channels_ = w.dim(1) * k.group_;
  k.kernel_h_ = w.rank() == 4 ? w.dim(2) : 1;
  k.kernel_w_ = w.dim(w.rank() - 1);
  k.finish_ = Finish::From(spec.node.epilogue, level);
  if (spec.node.epilogue.has_residual) k.residual_input_ = static_cast<int>(spec.node.inputs.size()) - 1;
  k.name_ = StrCat("transposed conv ", k.kernel_h_, "x", k.kernel_w_, " ", NameOf(level));
  const ops::WindowAttributes& a = k.window_.window;
  const int64_t stride_h = w.rank() == 4 ? a.strides[0] : 1, dilation_h = w.rank() == 4 ? a.dilations[0] : 1;
  for (int64_t i = 0; i < stride_h; ++i) k.phases_h_.emplace_back(i, k.kernel_h_, stride_h, dilation_h);
  for (int64_t i = 0; i < a.strides.back(); ++i) k.phases_w_.emplace_back(i, k.kernel_w_, a.strides.back(), a.dilations.back());
  const int64_t in = k.channels_ / k.group_, out = w.dim(1), taps = k.kernel_h_ * k.kernel_w_;
  for (int64_t g = 0; g < k.group_; ++g) {
    for (const Phase& h : k.phases_h_) {
      for (const Phase& v : k.phases_w_) {
        const bool any = h.count > 0 && v.count > 0;
        const float* last = w.data<float>() + g * in * out * taps + (any ? h.last() * k.kernel_w_ + v.last() : 0);
        const PackedMatrix::Rows rows = {{{h.count, -h.step * k.kernel_w_}, {v.count, -v.step}, {in, out * taps}}};
        SAMOYED_ASSIGN_OR_RETURN(PackedMatrix packed,
                                 PackedMatrix::Pack(k.tile_, last, rows, out, taps, bias == nullptr ? nullptr : bias + g * out));
        k.bytes_ += packed.bytes();
        k.weights_.push_back(std::move(packed));
      }
    }
  }
  return std::unique_ptr<Kernel>(std::move(kernel));
}

constexpr KernelEntry kEntries[] = {{"", "ConvTranspose", QueryConvTranspose, TransposedConv::Make}};

}  // namespace

std::span<const KernelEntry> ConvTransposeKernels() { return kEntries; }

}  // namespace samoyed::cpu
