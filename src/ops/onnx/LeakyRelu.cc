// LeakyRelu: y = x where x >= 0, alpha * x elsewhere. https://onnx.ai/onnx/operators/onnx__LeakyRelu.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunLeakyRelu(KernelContext& ctx) {
  const double alpha = ctx.attributes().Float("alpha", 0.01f);
  return ops::RunUnaryFloat(ctx, [&](double x) { return x < 0 ? alpha * x : x; });
}

}  // namespace

extern const OpDef kOp_onnx_LeakyRelu = {
    .infer = ops::InferSameAsInput,
    .run = RunLeakyRelu,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kLeakyRelu},
};

}  // namespace samoyed
