// Elu: y = x where x >= 0, alpha * (exp(x) - 1) elsewhere. https://onnx.ai/onnx/operators/onnx__Elu.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunElu(KernelContext& ctx) {
  const double alpha = ctx.attributes().Float("alpha", 1);
  return ops::RunUnaryFloat(ctx, [&](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}

}  // namespace

extern const OpDef kOp_onnx_Elu = {
    .infer = ops::InferSameAsInput,
    .run = RunElu,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kElu},
};

}  // namespace samoyed
