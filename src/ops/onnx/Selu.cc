// Selu: y = gamma * x where x > 0, gamma * alpha * (exp(x) - 1) elsewhere. https://onnx.ai/onnx/operators/onnx__Selu.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSelu(KernelContext& ctx) {
  const double alpha = ctx.attributes().Float("alpha", 1.67326319217681884765625f);
  const double gamma = ctx.attributes().Float("gamma", 1.05070102214813232421875f);
  return ops::RunUnaryFloat(ctx, [&](double x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); });
}

}  // namespace

extern const OpDef kOp_onnx_Selu = {
    .infer = ops::InferSameAsInput,
    .run = RunSelu,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
