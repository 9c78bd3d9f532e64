// Mish: y = x * tanh(softplus(x)). https://onnx.ai/onnx/operators/onnx__Mish.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunMish(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return x * std::tanh(std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x)))); });
}

}  // namespace

extern const OpDef kOp_onnx_Mish = {
    .infer = ops::InferSameAsInput,
    .run = RunMish,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kMish},
};

}  // namespace samoyed
