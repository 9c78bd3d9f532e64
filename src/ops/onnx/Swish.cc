// Swish: y = x / (1 + exp(-alpha * x)); with alpha = 1 it is known as SiLU. https://onnx.ai/onnx/operators/onnx__Swish.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSwish(KernelContext& ctx) {
  const double alpha = ctx.attributes().Float("alpha", 1);
  return ops::RunUnaryFloat(ctx, [&](double x) { return x / (1 + std::exp(-alpha * x)); });
}

}  // namespace

extern const OpDef kOp_onnx_Swish = {
    .infer = ops::InferSameAsInput,
    .run = RunSwish,
    // Whoever fuses it must look at `alpha`: only 1 is kSilu.
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kSilu},
};

}  // namespace samoyed
