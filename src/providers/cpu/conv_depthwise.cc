// Depthwise convolution: one filter a channel. Rows of the output are independent; nothing is copied or padded.
#include <algorithm>

#include "providers/cpu/conv.h"
#include "providers/cpu/simd/window.h"
#include "providers/cpu/window_rows.h"

namespace samoyed::cpu {
namespace {

class DepthwiseConv final : public ConvKernel {
 public:
  explicit DepthwiseConv(const ConvSpec& spec)
      : ConvKernel(spec),
        window_(WindowFnsFor(spec.level).depthwise),
        name_(StrCat("conv ", spec.kernel_h, "x", spec.kernel_w, " depthwise ", NameOf(spec.level))) {}

  // [channel][tap] -> [tap][channel], the bias behind.
  Status Pack() {
    const int64_t channels = spec_.channels, taps = spec_.kernel_h * spec_.kernel_w;
    SAMOYED_ASSIGN_OR_RETURN(weights_, Tensor::Allocate(DType::kFloat, Shape({taps + 1, channels})));
    float* to = weights_.mutable_data<float>();
    for (int64_t t = 0; t < taps; ++t) {
      for (int64_t c = 0; c < channels; ++c) *to++ = spec_.weights[c * taps + t];
    }
    for (int64_t c = 0; c < channels; ++c) *to++ = spec_.bias == nullptr ? 0 : spec_.bias[c];
    spec_.weights = spec_.bias = nullptr;
    return OkStatus();
  }

  std::string_view name() const override { return name_; }
  int64_t PackedBytes() const override { return weights_.byte_size(); }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const ConvOperands run, ConvOperands::From(ctx, spec_));
    const int64_t rows = run.shape.batch * run.shape.h.out;
    const int64_t row_work = std::max<int64_t>(1, run.shape.w.out * spec_.channels * spec_.kernel_h * spec_.kernel_w);
    constexpr int64_t kGrainWork = 256 << 10;  // multiply-adds: some microseconds
    ctx.ParallelFor(rows, std::max<int64_t>(1, kGrainWork / row_work), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end && ctx.Poll().ok(); ++row) RunRow(run, row);
    });
    return ctx.Poll();
  }

 private:
  void RunRow(const ConvOperands& run, int64_t row) const {
    const ops::WindowAxis &h = run.shape.h, &w = run.shape.w;
    const int64_t channels = spec_.channels, taps = spec_.kernel_h * spec_.kernel_w;
    const int64_t n = row / h.out, oh = row % h.out;
    const ops::WindowAxis::Range kh = h.TapsInside(oh);
    WindowArgs args;
    args.pixel_stride = w.stride * channels;
    // With a dilation past the input no more than one tap lies inside, and the stride is never used.
    args.row_stride = std::min(h.dilation, h.in) * w.in * channels;
    args.tap_stride = std::min(w.dilation, w.in) * channels;
    args.w_row_stride = spec_.kernel_w * channels;
    args.bias = weights_.data<float>() + taps * channels;
    args.scale = 1;
    args.y_stride = args.channels = channels;
    args.low = spec_.finish.low;
    args.high = spec_.finish.high;
    args.rows = kh.last - kh.first;
    const int64_t at = row * w.out * channels;
    ForEachPiece(w, [&](int64_t begin, int64_t end, ops::WindowAxis::Range kw) {
      args.columns = kw.last - kw.first;
      args.w = weights_.data<float>() + (kh.first * spec_.kernel_w + kw.first) * channels;
      const int64_t in_row = n * h.in + h.Start(oh) + kh.first * h.dilation, in_column = w.Start(begin) + kw.first * w.dilation;
      args.x = run.x + (in_row * w.in + in_column) * channels;
      args.y = run.y + at + begin * channels;
      args.residual = run.residual == nullptr ? nullptr : run.residual + at + begin * channels;
      args.pixels = end - begin;
      window_(args);
    });
    if (spec_.finish.activate != nullptr) {
      float* y = run.y + at;
      spec_.finish.activate(y, y, w.out * channels, spec_.finish.alpha, spec_.finish.beta);
    }
  }

  WindowFn window_;
  Tensor weights_;
  std::string name_;
};

}  // namespace

Result<std::unique_ptr<Kernel>> MakeDepthwiseConv(const ConvSpec& spec) {
  auto kernel = std::make_unique<DepthwiseConv>(spec);
  SAMOYED_RETURN_IF_ERROR(kernel->Pack());
  return std::unique_ptr<Kernel>(std::move(kernel));
}

}  // namespace samoyed::cpu
