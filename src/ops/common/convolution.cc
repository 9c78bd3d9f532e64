#include "ops/common/convolution.h"

#include <algorithm>
#include <mutex>

#include "ops/common/tap_loop.h"

namespace samoyed::ops {
namespace {

// Consecutive axes whose windows do nothing (1x1 kernels) are one long axis: longer inner loops.
std::vector<WindowAxis> Coalesce(const std::vector<WindowAxis>& windows) {
  WindowAxis joined;
  joined.in = joined.out = 1;
  for (const WindowAxis& w : windows) {
    if (w.kernel != 1 || w.stride != 1 || w.pad_begin != 0 || w.pad_end != 0) return windows;
    joined.in *= w.in;
    joined.out *= w.out;
  }
  return {joined};
}

// acc[o] += weight * x[o * stride + shift] for the outputs that the tap feeds.
void AddTap(TapLoop& loop, std::span<const int64_t> tap, int64_t stride, double weight, const double* x, double* acc) {
  loop.ForEachRow(tap, [&](int64_t in, int64_t out, int64_t n) {
    const double* from = x + in;
    double* to = acc + out;
    if (stride == 1) {
      for (int64_t o = 0; o < n; ++o) to[o] += weight * from[o];
    } else {
      for (int64_t o = 0; o < n; ++o) to[o] += weight * from[o * stride];
    }
  });
}

}  // namespace

Result<Convolution> PlanConvolution(const NodeContext& ctx, const Shape& x, const Shape& w) {
  if (x.rank() < 3) return BadInput(ctx.op_type(), " needs an input [N, C, spatial...], got shape ", x.ToString());
  if (w.rank() != x.rank()) return BadInput(ctx.op_type(), ": weights of shape ", w.ToString(), " for an input of shape ", x.ToString());
  Convolution conv;
  conv.batch = x[0];
  conv.in_channels = x[1];
  conv.out_channels = w[0];
  conv.group = ctx.attributes().Int("group", 1);
  if (conv.group < 1 || conv.in_channels % conv.group != 0 || conv.out_channels % conv.group != 0 ||
      conv.in_channels / conv.group != w[1]) {
    return BadInput(ctx.op_type(), ": input of shape ", x.ToString(), ", weights of shape ", w.ToString(), " and group = ", conv.group,
                    " do not go together");
  }
  SAMOYED_ASSIGN_OR_RETURN(const WindowAttributes attributes, ReadWindow(ctx, x.rank() - 2, w.dims().subspan(2)));
  SAMOYED_ASSIGN_OR_RETURN(conv.windows, PlaceWindows(attributes, x));
  return conv;
}

Status RunConvolution(KernelContext& ctx, const Convolution& conv, const std::vector<double>& x, const std::vector<double>& w,
                      FunctionRef<void(int64_t plane, std::vector<double>& values)> store) {
  const std::vector<WindowAxis> windows = Coalesce(conv.windows);
  int64_t in_size = 1, out_size = 1, kernel_size = 1;
  for (const WindowAxis& a : windows) {
    in_size *= a.in;
    out_size *= a.out;
    kernel_size *= a.kernel;
  }
  const int64_t in_group = conv.in_channels / conv.group, out_group = conv.out_channels / conv.group;
  std::mutex mutex;
  Status status;
  ctx.ParallelFor(conv.batch * conv.out_channels, 1, [&](int64_t begin, int64_t end) {
    TapLoop loop(windows);
    const int64_t stride = windows.back().stride;
    std::vector<int64_t> tap(windows.size());
    std::vector<double> acc(static_cast<size_t>(out_size));
    for (int64_t plane = begin; plane < end; ++plane) {
      if (Status s = ctx.Poll(); !s.ok()) {
        const std::lock_guard lock(mutex);
        status = std::move(s);
        return;
      }
      const int64_t n = plane / conv.out_channels, m = plane % conv.out_channels;
      std::fill(acc.begin(), acc.end(), 0.0);
      for (int64_t c = 0; c < in_group; ++c) {
        const double* from = x.data() + (n * conv.in_channels + m / out_group * in_group + c) * in_size;
        const double* weight = w.data() + (m * in_group + c) * kernel_size;
        std::fill(tap.begin(), tap.end(), 0);
        do {
          AddTap(loop, tap, stride, *weight++, from, acc.data());
        } while (NextTap(tap, windows));
      }
      store(plane, acc);
    }
  });
  return status;
}

Status InferConvolution(InferContext& ctx, int x, int w, DType dtype) {
  ctx.set_output_type(0, Type::TensorOf(dtype));
  const Dims* in = ctx.input_shape(x);
  const Dims* weights = ctx.input_shape(w);
  if (in == nullptr) return OkStatus();
  if (in->size() < 3) return BadInput(ctx.op_type(), " needs an input [N, C, spatial...], got rank ", in->size());
  std::vector<int64_t> kernel;
  Dim channels;
  if (weights != nullptr) {
    if (weights->size() != in->size())
      return BadInput(ctx.op_type(), ": weights of rank ", weights->size(), " for an input of rank ", in->size());
    channels = (*weights)[0];
    for (size_t i = 2; i < weights->size(); ++i) kernel.push_back((*weights)[i].value);
  }
  bool known = weights != nullptr;
  for (int64_t k : kernel) known &= k >= 0;
  if (!known && !ctx.attributes().Has("kernel_shape")) {
    Dims out(in->size());
    out[0] = (*in)[0];
    out[1] = channels;
    ctx.set_output_type(0, Type::TensorOf(dtype, std::move(out)));
    return OkStatus();
  }
  if (!known) kernel.clear();
  SAMOYED_ASSIGN_OR_RETURN(const WindowAttributes attributes, ReadWindow(ctx, static_cast<int>(in->size()) - 2, kernel));
  SAMOYED_ASSIGN_OR_RETURN(Dims out, InferWindows(attributes, *in, channels));
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(out)));
  return OkStatus();
}

double ConvolutionFlops(std::span<const Shape> inputs, std::span<const Shape> outputs, size_t w) {
  if (inputs.size() <= w || outputs.empty() || inputs[w].rank() < 2) return 0;
  return 2.0 * static_cast<double>(outputs[0].NumElements()) * static_cast<double>(inputs[w].Product(1, inputs[w].rank()));
}

}  // namespace samoyed::ops
