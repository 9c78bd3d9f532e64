// GlobalLpPool: the p-norm over all spatial axes; p is a float in version 1, an integer from 2 on. https://onnx.ai/onnx/operators/onnx__GlobalLpPool.html
#include <cmath>

#include "ops/common/pooling.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunGlobalLpPool(KernelContext& ctx) {
  const Attributes& attributes = ctx.attributes();
  const double p = ctx.since_version() < 2 ? attributes.Float("p", 2) : static_cast<double>(attributes.Int("p", 2));
  if (!(p > 0)) return BadInput("GlobalLpPool: p must be above 0, got ", p);
  return ops::RunGlobalPool(ctx, [p](const std::vector<double>& x) {
    double sum = 0;
    for (double v : x) sum += std::pow(std::fabs(v), p);
    return std::pow(sum, 1 / p);
  });
}

}  // namespace

extern const OpDef kOp_onnx_GlobalLpPool = {.infer = ops::InferGlobalPool, .run = RunGlobalLpPool, .flops = ops::GlobalPoolFlops};

}  // namespace samoyed
