// LRN: x / (bias + alpha / size * sum of x^2 over `size` neighbouring channels)^beta. https://onnx.ai/onnx/operators/onnx__LRN.html
#include <algorithm>
#include <cmath>

#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status RunLrn(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  const int64_t size = ctx.attributes().Int("size");
  if (!IsFloat(x->dtype()) || x->rank() < 2)
    return BadInput("LRN needs floats [N, C, ...], got ", NameOf(x->dtype()), x->shape().ToString());
  if (size < 1) return BadInput("LRN: size is ", size);
  const double alpha = ctx.attributes().Float("alpha", 1e-4f), beta = ctx.attributes().Float("beta", 0.75f),
               bias = ctx.attributes().Float("bias", 1);
  const int64_t channels = x->dim(1), inner = x->shape().Product(2, x->rank());
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  const std::vector<double> in = LoadAll<double>(*x);
  std::vector<double> out(in.size());
  for (int64_t n = 0; n < x->dim(0); ++n) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t c = 0; c < channels; ++c) {
      // Half of the neighbours before, the odd one behind.
      const int64_t first = c - std::min(c, (size - 1) / 2), last = c + std::min(channels - 1 - c, size / 2);
      for (int64_t i = 0; i < inner; ++i) {
        double sum = 0;
        for (int64_t k = first; k <= last; ++k) {
          const double v = in[static_cast<size_t>((n * channels + k) * inner + i)];
          sum += v * v;
        }
        const auto at = static_cast<size_t>((n * channels + c) * inner + i);
        out[at] = in[at] / std::pow(bias + alpha / static_cast<double>(size) * sum, beta);
      }
    }
  }
  StoreAll(*y, out);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_LRN = {.infer = ops::InferSameAsInput, .run = RunLrn};

}  // namespace samoyed
