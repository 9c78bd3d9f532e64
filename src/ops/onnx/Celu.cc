// Celu: y = max(0, x) + min(0, alpha * (exp(x / alpha) - 1)). https://onnx.ai/onnx/operators/onnx__Celu.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunCelu(KernelContext& ctx) {
  const double alpha = ctx.attributes().Float("alpha", 1);
  return ops::RunUnaryFloat(ctx, [&](double x) { return std::isnan(x) ? x : std::fmax(0, x) + std::fmin(0, alpha * std::expm1(x / alpha)); });
}

}  // namespace

extern const OpDef kOp_onnx_Celu = {
    .infer = ops::InferSameAsInput,
    .run = RunCelu,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
