#include "providers/cpu/byte_conv.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "ops/common/quantize.h"
#include "providers/cpu/quantised.h"
#include "providers/cpu/scratch.h"

namespace samoyed::cpu {
namespace {

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// How a run is cut into pieces of work.
struct Blocks {
  int64_t rows = 1;  // output rows a block
  int64_t row_blocks = 1, column_blocks = 1;
  int64_t panels = 1;      // a column block
  bool copies = false;     // the input rows of a block are prepared in scratch memory, with their padding
  int64_t copy_width = 0;  // pixels a prepared row
  int64_t copy_rows = 0;   // of a full block
};

// As conv_direct.cc does it: every output row is a product with rows that overlap in the input itself.
class DirectByteConv final : public Kernel {
 public:
  explicit DirectByteConv(ByteConvSpec spec) : spec_(std::move(spec)) {
    const ConvSpec& c = spec_.conv;
    pointwise_ = c.group == 1 && c.kernel_h == 1 && c.kernel_w == 1 &&
                 std::ranges::all_of(c.window.strides, [](int64_t s) { return s == 1; }) &&
                 std::ranges::all_of(c.window.pads, [](int64_t p) { return p == 0; });
    tap_runs_ = c.group > 1 || (c.window.dilations.back() > 1 && c.kernel_w > 1);
    name_ = StrCat("conv int8 ", c.kernel_h, "x", c.kernel_w,
                   pointwise_    ? " as matrix product "
                   : c.group > 1 ? " grouped "
                                 : " direct ",
                   NameOf(c.level));
  }

  Status Pack() {
    const ConvSpec& c = spec_.conv;
    const int64_t in = c.channels / c.group, out = c.out_channels / c.group, taps = c.kernel_h * c.kernel_w;
    ByteMatrix b;
    b.rows = {{{c.kernel_h, c.kernel_w}, {c.kernel_w, 1}, {in, taps}}};
    b.run_length = tap_runs_ ? in : c.kernel_w * in;
    b.n = out;
    b.n_stride = in * taps;
    b.is_signed = spec_.weights_signed;
    b.a_signed = spec_.x_dtype == DType::kInt8;
    b.a_zero = spec_.x_zero;
    const auto part = [&](const auto& values, int64_t g) {
      return values.size() <= 1 ? std::span(values) : std::span(values).subspan(static_cast<size_t>(g * out), static_cast<size_t>(out));
    };
    for (int64_t g = 0; g < c.group; ++g) {
      b.values = spec_.weights + g * out * in * taps;
      b.zeros = part(spec_.weight_zeros, g);
      b.scale = part(spec_.scale, g);
      b.bias = part(spec_.bias, g);
      SAMOYED_ASSIGN_OR_RETURN(PackedByteMatrix packed, PackedByteMatrix::Pack(ByteTileFnsFor(c.level), b));
      bytes_ += packed.bytes();
      weights_.push_back(std::move(packed));
    }
    spec_.weights = nullptr;
    needs_sums_ = std::ranges::any_of(weights_, [](const PackedByteMatrix& w) { return w.needs_row_sums(); });
    return OkStatus();
  }

  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return bytes_; }
  bool OwnsConstant(int input) const override { return input != 0; }
  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty()) return 0;
    const auto shape = ConvShape::From(spec_.conv, inputs[0]);
    if (!shape.ok()) return 0;
    if (pointwise_) return ByteProductScratch(weights_[0], shape->batch * shape->h.out * shape->w.out, threads);
    return ScratchSlots::Bytes(SlotBytes(*shape, PlanBlocks(*shape)), threads);
  }
  Status Run(KernelContext& ctx) const override;

 private:
  int64_t element() const { return weights_[0].element_bytes(); }
  int64_t OffsetBytes() const { return AlignScratch(weights_[0].runs() * static_cast<int64_t>(sizeof(int64_t))); }
  int64_t SumBytes(const ConvShape& shape, const Blocks& blocks) const {
    return needs_sums_ ? AlignScratch(ScratchProduct(ScratchProduct(blocks.rows, shape.w.out), 4)) : 0;
  }
  int64_t SlotBytes(const ConvShape& shape, const Blocks& blocks) const {
    const int64_t fixed = OffsetBytes() + SumBytes(shape, blocks);
    if (!blocks.copies) return fixed;
    const int64_t pixels = ScratchProduct(blocks.copy_rows, blocks.copy_width);
    return fixed + ScratchProduct(pixels, spec_.conv.channels * element()) + PackedByteMatrix::kSlack;
  }
  Blocks PlanBlocks(const ConvShape& shape) const;
  void CopyPadded(const std::byte* image, const ConvShape& shape, int64_t row, int64_t rows, int64_t width, std::byte* to) const;
  void RunPiece(const std::byte* x, std::byte* y, const ConvShape& shape, const Blocks& blocks, int64_t piece, std::byte* scratch) const;

  ByteConvSpec spec_;
  bool pointwise_ = false, tap_runs_ = false, needs_sums_ = false;
  std::vector<PackedByteMatrix> weights_;  // one a group
  int64_t bytes_ = 0;
  std::string name_;
};

Blocks DirectByteConv::PlanBlocks(const ConvShape& shape) const {
  const ConvSpec& c = spec_.conv;
  Blocks blocks;
  const auto reach = [](const ops::WindowAxis& a) { return (a.out - 1) * a.stride + (a.kernel - 1) * a.dilation + 1; };
  blocks.copies = !weights_[0].reads_in_place() || shape.h.pad_begin > 0 || shape.w.pad_begin > 0 || reach(shape.h) > shape.h.in ||
                  reach(shape.w) > shape.w.in;
  blocks.copy_width = reach(shape.w);
  const int64_t row_bytes = ScratchProduct(blocks.copy_width, c.channels * element()),
                extra = (c.kernel_h - 1) * shape.h.dilation + 1 - shape.h.stride;
  int64_t rows = BlockBytes() / std::max<int64_t>(1, row_bytes);
  rows = std::clamp<int64_t>((rows - extra) / shape.h.stride, 1, std::max<int64_t>(1, shape.h.out));

  // Enough pieces for many threads: by rows where the input is the larger part of the traffic, by panels where the weights are.
  constexpr int64_t kPieces = 16, kPieceOps = 4 << 20;
  const double ops = 2.0 * static_cast<double>(shape.batch * shape.h.out * shape.w.out) * static_cast<double>(c.out_channels) *
                     static_cast<double>(weights_[0].k());
  const int64_t wanted = std::min(kPieces, static_cast<int64_t>(std::min(ops / kPieceOps, 1e6)) + 1);
  const int64_t panels = weights_[0].panels();
  auto count = [&] { return shape.batch * c.group * CeilDiv(shape.h.out, rows) * blocks.column_blocks; };
  if (count() < wanted && bytes_ > shape.h.in * shape.w.in * c.channels) blocks.column_blocks = std::min(panels, CeilDiv(wanted, count()));
  if (count() < wanted) rows = std::max<int64_t>(1, CeilDiv(rows, CeilDiv(wanted, count())));
  if (count() < wanted) blocks.column_blocks = std::min(panels, blocks.column_blocks * CeilDiv(wanted, count()));
  blocks.row_blocks = CeilDiv(std::max<int64_t>(1, shape.h.out), rows);
  blocks.rows = CeilDiv(std::max<int64_t>(1, shape.h.out), blocks.row_blocks);
  blocks.panels = CeilDiv(panels, blocks.column_blocks);
  blocks.copy_rows = (blocks.rows - 1) * shape.h.stride + (c.kernel_h - 1) * shape.h.dilation + 1;
  return blocks;
}

// `width` pixels a row from the first window's on, of `rows` rows from `row` on; the zero point where the image has none.
void DirectByteConv::CopyPadded(const std::byte* image, const ConvShape& shape, int64_t row, int64_t rows, int64_t width,
                                std::byte* to) const {
  const PackedByteMatrix& form = weights_[0];
  const int64_t channels = spec_.conv.channels, pixel = channels * element(), column = shape.w.Start(0);
  const int64_t left = std::clamp<int64_t>(-column, 0, width), right_end = std::clamp<int64_t>(shape.w.in - column, left, width);
  for (int64_t r = row; r < row + rows; ++r, to += width * pixel) {
    if (r < 0 || r >= shape.h.in) {
      form.FillA(width * channels, to);
      continue;
    }
    form.FillA(left * channels, to);
    if (right_end > left)
      form.PrepareA(image + (r * shape.w.in + column + left) * channels, (right_end - left) * channels, to + left * pixel);
    form.FillA((width - right_end) * channels, to + right_end * pixel);
  }
}

void DirectByteConv::RunPiece(const std::byte* x, std::byte* y, const ConvShape& shape, const Blocks& blocks, int64_t piece,
                              std::byte* scratch) const {
  const ConvSpec& c = spec_.conv;
  const int64_t column_block = piece % blocks.column_blocks;
  piece /= blocks.column_blocks;
  const int64_t group = piece % c.group;
  piece /= c.group;
  const int64_t row_block = piece % blocks.row_blocks, n = piece / blocks.row_blocks;
  const int64_t first = row_block * blocks.rows, last = std::min(shape.h.out, first + blocks.rows);
  if (first >= last) return;

  const int64_t channels = c.channels, in = channels / c.group, out = c.out_channels / c.group;
  const std::byte* image = x + n * shape.h.in * shape.w.in * channels;
  int64_t width = shape.w.in, pixel = channels;
  const std::byte* from = image + (shape.h.Start(first) * width + shape.w.Start(0)) * channels;
  if (blocks.copies) {
    std::byte* copy = scratch + OffsetBytes() + SumBytes(shape, blocks);
    width = blocks.copy_width;
    pixel = channels * element();
    const int64_t rows = (last - first - 1) * shape.h.stride + (c.kernel_h - 1) * shape.h.dilation + 1;
    CopyPadded(image, shape, shape.h.Start(first), rows, width, copy);
    from = copy;
  }
  const PackedByteMatrix& weights = weights_[static_cast<size_t>(group)];
  auto* offsets = reinterpret_cast<int64_t*>(scratch);
  for (int64_t r = 0; r < weights.runs(); ++r) {
    const int64_t kh = tap_runs_ ? r / c.kernel_w : r, kw = tap_runs_ ? r % c.kernel_w : 0;
    offsets[r] = (kh * shape.h.dilation * width + kw * shape.w.dilation) * pixel;
  }
  ByteStrips strips;
  strips.strips = last - first;
  strips.rows = shape.w.out;
  strips.a = from + group * in * (pixel / channels);
  strips.a_step = shape.h.stride * width * pixel;
  strips.a_stride = shape.w.stride * pixel;
  strips.c_stride = c.out_channels;
  strips.c_step = shape.w.out * c.out_channels;
  strips.c = y + (n * shape.h.out + first) * strips.c_step + group * out;
  strips.row_sums = reinterpret_cast<int32_t*>(scratch + OffsetBytes());
  const int64_t begin = column_block * blocks.panels;
  MultiplyBytes(strips, offsets, weights, begin, std::min(weights.panels(), begin + blocks.panels), spec_.finish);
}

Status DirectByteConv::Run(KernelContext& ctx) const {
  SAMOYED_ASSIGN_OR_RETURN(const ByteConvOperands run, ByteConvOperands::From(ctx, spec_));
  const ConvShape& shape = run.shape;
  if (shape.batch == 0) return OkStatus();
  if (pointwise_) {
    MultiplyBytesParallel(ctx, run.x, shape.batch * shape.h.out * shape.w.out, weights_[0], spec_.finish, run.y, ctx.scratch());
    return ctx.Poll();
  }
  const Blocks blocks = PlanBlocks(shape);
  ScratchSlots slots(ctx.scratch(), SlotBytes(shape, blocks));
  const int64_t pieces = shape.batch * blocks.row_blocks * spec_.conv.group * blocks.column_blocks;
  ctx.ParallelFor(pieces, 1, [&](int64_t begin, int64_t end) {
    ScratchSlots::Lease lease(slots);
    for (int64_t piece = begin; piece < end && ctx.Poll().ok(); ++piece) RunPiece(run.x, run.y, shape, blocks, piece, lease.data());
  });
  return ctx.Poll();
}

enum Inputs { kX, kXScale, kXZero, kW, kWScale, kWZero, kYScale, kYZero, kB };

// What a QLinearConv's constants say; nullopt where this file has no kernel for it.
std::optional<ByteConvSpec> Read(const KernelSpec& spec) {
  ByteConvSpec out;
  out.x_dtype = spec.input_type(kX).dtype;
  const Tensor* w = spec.constant(kW);
  if (!IsByte(out.x_dtype) || w == nullptr || !IsByte(w->dtype()) || (w->rank() != 3 && w->rank() != 4) || w->size() == 0)
    return std::nullopt;
  const int64_t m = w->dim(0);
  const auto x = QuantizerOf(spec, kXScale, kXZero, out.x_dtype), y = QuantizerOf(spec, kYScale, kYZero, out.x_dtype);
  const auto w_scale = ScalesOf(spec, kWScale, m);
  const auto w_zero = ZerosOf(spec, kWZero, m, w->dtype());
  const auto bias = BiasOf(spec, kB, m);
  if (!x || x->dtype != out.x_dtype || !y || !w_scale || w_scale->empty() || !w_zero || !bias) return std::nullopt;
  out.weights = static_cast<const std::byte*>(w->raw());
  out.weights_signed = w->dtype() == DType::kInt8;
  out.x_zero = x->zero;
  out.weight_zeros = *w_zero;
  out.bias = *bias;
  for (float s : *w_scale) {
    out.scale.push_back(ops::RequantizeFactor(x->scale, s, y->scale));
    if (!std::isfinite(out.scale.back())) return std::nullopt;
  }
  if (!ops::FitByteTotals(*w, 0, out.weight_zeros, out.scale, out.bias)) return std::nullopt;
  out.y_dtype = y->dtype;
  out.finish = ByteFinish::For(y->dtype, y->zero);
  return out;
}

Support QueryQLinearConv(const KernelSpec& spec) {
  if (!Read(spec))
    return Support::No("only constant weights and parameters, one scale for the input and one for the output, are vectorised");
  if (spec.input_type(kX).rank() != spec.constant(kW)->rank()) return Support::No("the rank of the input is not known");
  return Support::Yes(LayoutSupport::kPrefersChannelsLast);
}

Result<std::unique_ptr<Kernel>> MakeQLinearConv(const KernelSpec& kernel_spec, CpuLevel level) {
  ByteConvSpec spec = *Read(kernel_spec);
  SAMOYED_ASSIGN_OR_RETURN(spec.conv, ConvSpec::FromWeights(kernel_spec, *kernel_spec.constant(kW), level));
  if (spec.conv.group > 1 && spec.conv.group == spec.conv.channels && spec.conv.group == spec.conv.out_channels)
    return MakeDepthwiseByteConv(std::move(spec));
  return MakeDirectByteConv(std::move(spec));
}

constexpr KernelEntry kEntries[] = {{"", "QLinearConv", QueryQLinearConv, MakeQLinearConv}};

}  // namespace

Result<ByteConvOperands> ByteConvOperands::From(KernelContext& ctx, const ByteConvSpec& spec) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->dtype() != spec.x_dtype) return BadInput(ctx.op_type(), " was made for ", NameOf(spec.x_dtype), ", not ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const ConvShape shape, ConvShape::From(spec.conv, x->shape()));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, spec.y_dtype, shape.Output(spec.conv, x->rank()));
  return ByteConvOperands{shape, static_cast<const std::byte*>(x->raw()), static_cast<std::byte*>(y->mutable_raw())};
}

Result<std::unique_ptr<Kernel>> MakeDirectByteConv(ByteConvSpec spec) {
  auto kernel = std::make_unique<DirectByteConv>(std::move(spec));
  SAMOYED_RETURN_IF_ERROR(kernel->Pack());
  return std::unique_ptr<Kernel>(std::move(kernel));
}

std::span<const KernelEntry> ByteConvKernels() { return kEntries; }

}  // namespace samoyed::cpu
