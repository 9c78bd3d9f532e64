// Gelu: y = x/2 * (1 + erf(x / sqrt(2))), or its approximation by tanh. https://onnx.ai/onnx/operators/onnx__Gelu.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kSqrtTwoOverPi = 0.79788456080286535588;

Status RunGelu(KernelContext& ctx) {
  const std::string_view approximate = ctx.attributes().String("approximate", "none");
  if (approximate == "none") return ops::RunUnaryFloat(ctx, [](double x) { return 0.5 * x * (1 + std::erf(x * kSqrtHalf)); });
  if (approximate != "tanh") return BadInput("Gelu: approximate must be none or tanh, not ", Quote(approximate));
  return ops::RunUnaryFloat(ctx, [](double x) { return 0.5 * x * (1 + std::tanh(kSqrtTwoOverPi * (x + 0.044715 * x * x * x))); });
}

}  // namespace

extern const OpDef kOp_onnx_Gelu = {
    .infer = ops::InferSameAsInput,
    .run = RunGelu,
    // Whoever fuses it must look at `approximate`: tanh is kGeluTanh.
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kGelu},
};

}  // namespace samoyed
