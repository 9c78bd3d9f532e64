// HardSigmoid: y = max(0, min(1, alpha * x + beta)). https://onnx.ai/onnx/operators/onnx__HardSigmoid.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunHardSigmoid(KernelContext& ctx) {
  const double alpha = ctx.attributes().Float("alpha", 0.2f);
  const double beta = ctx.attributes().Float("beta", 0.5f);
  return ops::RunUnaryFloat(ctx, [&](double x) { return std::isnan(x) ? x : std::fmax(0, std::fmin(1, alpha * x + beta)); });
}

}  // namespace

extern const OpDef kOp_onnx_HardSigmoid = {
    .infer = ops::InferSameAsInput,
    .run = RunHardSigmoid,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kHardSigmoid},
};

}  // namespace samoyed
