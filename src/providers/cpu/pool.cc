// Pooling of channels-last fp32 data: MaxPool, AveragePool, and means and maxima over all of the spatial axes.
#include <algorithm>
#include <limits>

#include "ops/common/sliding_window.h"
#include "providers/cpu/kernels.h"
#include "providers/cpu/simd/window.h"
#include "providers/cpu/window_rows.h"

namespace samoyed::cpu {
namespace {

// Elements that lie inside the input or its padding, of the window at output o.
int64_t CountPadded(const ops::WindowAxis& axis, int64_t o) {
  const int64_t room = axis.in + axis.pad_end - axis.Start(o);
  return std::clamp<int64_t>((room + axis.dilation - 1) / axis.dilation, 0, axis.kernel);
}

class PoolKernel final : public Kernel {
 public:
  PoolKernel(ops::WindowAttributes window, bool max, bool count_padding, CpuLevel level)
      : window_(std::move(window)),
        max_(max),
        count_padding_(count_padding),
        name_(StrCat(max ? "max" : "average", " pool ", NameOf(level))) {
    reduce_ = max ? WindowFnsFor(level).max : WindowFnsFor(level).sum;
  }
  std::string_view name() const override { return name_; }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    const int rank = window_.rank() + 2;
    if (x->dtype() != DType::kFloat || x->rank() != rank)
      return BadInput(ctx.op_type(), " was made for floats of rank ", rank, ", got ", x->shape().ToString());
    ops::WindowAxis h, w;
    h.in = h.out = 1;
    if (rank == 4) {
      SAMOYED_ASSIGN_OR_RETURN(h, ops::PlaceWindow(window_, 0, x->dim(1)));
    }
    SAMOYED_ASSIGN_OR_RETURN(w, ops::PlaceWindow(window_, rank - 3, x->dim(rank - 2)));
    const int64_t channels = x->dim(rank - 1);
    Shape shape = x->shape();
    if (rank == 4) shape[1] = h.out;
    shape[rank - 2] = w.out;
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
    const float* from = x->data<float>();
    float* to = y->mutable_data<float>();
    const int64_t row_work = std::max<int64_t>(1, w.out * channels * h.kernel * w.kernel);
    constexpr int64_t kGrainWork = 256 << 10;
    ctx.ParallelFor(x->dim(0) * h.out, std::max<int64_t>(1, kGrainWork / row_work), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) RunRow(from, to, h, w, channels, row);
    });
    return ctx.Poll();
  }

 private:
  void RunRow(const float* x, float* y, const ops::WindowAxis& h, const ops::WindowAxis& w, int64_t channels, int64_t row) const {
    const int64_t n = row / h.out, oh = row % h.out;
    const ops::WindowAxis::Range kh = h.TapsInside(oh);
    WindowArgs args{};
    args.pixel_stride = w.stride * channels;
    // With a dilation past the input no more than one tap lies inside, and the stride is never used.
    args.row_stride = std::min(h.dilation, h.in) * w.in * channels;
    args.tap_stride = std::min(w.dilation, w.in) * channels;
    args.rows = kh.last - kh.first;
    args.y_stride = args.channels = channels;
    args.low = -std::numeric_limits<float>::infinity();
    args.high = std::numeric_limits<float>::infinity();
    auto piece = [&](int64_t begin, int64_t end, ops::WindowAxis::Range kw) {
      args.columns = kw.last - kw.first;
      const int64_t in_row = n * h.in + h.Start(oh) + kh.first * h.dilation, in_column = w.Start(begin) + kw.first * w.dilation;
      args.x = x + (in_row * w.in + in_column) * channels;
      args.y = y + (row * w.out + begin) * channels;
      args.pixels = end - begin;
      const int64_t count = count_padding_ ? CountPadded(h, oh) * CountPadded(w, begin) : args.rows * args.columns;
      args.scale = 1.0f / static_cast<float>(count);
      reduce_(args);
    };
    ForEachPiece(w, piece);
  }

  ops::WindowAttributes window_;
  bool max_, count_padding_;
  WindowFn reduce_;
  std::string name_;
};

// All spatial axes into one pixel.
class GlobalPoolKernel final : public Kernel {
 public:
  GlobalPoolKernel(bool max, CpuLevel level) : max_(max), name_(StrCat("global ", max ? "max" : "mean", " ", NameOf(level))) {
    reduce_ = max ? WindowFnsFor(level).max : WindowFnsFor(level).sum;
  }
  std::string_view name() const override { return name_; }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->dtype() != DType::kFloat || x->rank() < 3)
      return BadInput(ctx.op_type(), " was made for floats [N, spatial..., C], got ", x->shape().ToString());
    const int rank = x->rank();
    const int64_t pixels = x->shape().Product(1, rank - 1), channels = x->dim(rank - 1);
    Shape shape = x->shape();
    for (int i = 1; i < rank - 1; ++i) shape[i] = 1;
    SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
    const float* from = x->data<float>();
    float* to = y->mutable_data<float>();
    // By pieces of channels: a whole number of vectors on every level.
    constexpr int64_t kChannels = 64;
    const int64_t pieces = (channels + kChannels - 1) / kChannels;
    const int64_t grain = std::max<int64_t>(1, (64 << 10) / std::max<int64_t>(1, pixels * kChannels));
    ctx.ParallelFor(x->dim(0) * pieces, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t n = i / pieces, c = i % pieces * kChannels;
        WindowArgs args{};
        args.x = from + n * pixels * channels + c;
        args.tap_stride = channels;
        args.rows = 1;
        args.columns = pixels;
        args.scale = 1.0f / static_cast<float>(pixels);
        args.y = to + n * channels + c;
        args.y_stride = channels;
        args.pixels = 1;
        args.channels = std::min(kChannels, channels - c);
        args.low = -std::numeric_limits<float>::infinity();
        args.high = std::numeric_limits<float>::infinity();
        reduce_(args);
      }
    });
    return ctx.Poll();
  }

 private:
  bool max_;
  WindowFn reduce_;
  std::string name_;
};

Support QueryPool(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0)) return Support::No(StrCat("pooling of ", spec.input_type(0).ToString(), " is not vectorised"));
  const int rank = spec.input_type(0).rank();
  if (rank != 3 && rank != 4) return Support::No("pooling is vectorised for 1 and 2 spatial axes");
  if (spec.node.outputs.size() > 1 && spec.node.outputs[1] != kNoValue) return Support::No("indices of maxima are not vectorised");
  return Support::Yes(LayoutSupport::kPrefersChannelsLast);
}

Result<std::unique_ptr<Kernel>> MakePool(const KernelSpec& spec, CpuLevel level) {
  SAMOYED_ASSIGN_OR_RETURN(auto window, ops::ReadWindow(SpecContext(spec), spec.input_type(0).rank() - 2));
  const bool max = spec.node.op_type == "MaxPool", count_padding = spec.node.attributes.Int("count_include_pad", 0) != 0;
  return std::unique_ptr<Kernel>(std::make_unique<PoolKernel>(std::move(window), max, count_padding, level));
}

Support QueryGlobal(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0)) return Support::No(StrCat("pooling of ", spec.input_type(0).ToString(), " is not vectorised"));
  if (spec.input_type(0).rank() < 3) return Support::No("the rank of the input is not known");
  return Support::Yes(LayoutSupport::kPrefersChannelsLast);
}

Result<std::unique_ptr<Kernel>> MakeGlobal(const KernelSpec& spec, CpuLevel level) {
  return std::unique_ptr<Kernel>(std::make_unique<GlobalPoolKernel>(spec.node.op_type == "GlobalMaxPool", level));
}

constexpr KernelEntry kEntries[] = {
    {"", "MaxPool", QueryPool, MakePool},
    {"", "AveragePool", QueryPool, MakePool},
    {"", "GlobalAveragePool", QueryGlobal, MakeGlobal},
    {"", "GlobalMaxPool", QueryGlobal, MakeGlobal},
};

}  // namespace

std::span<const KernelEntry> PoolKernels() { return kEntries; }

}  // namespace samoyed::cpu
