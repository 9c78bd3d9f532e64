// Gelu: x/2 (1 + erf(x / sqrt(2))), what the standard's Gelu became later. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/microsoft/gelu.h"

#include "ops/common/infer.h"

namespace samoyed {
namespace {

Status RunGelu(KernelContext& ctx) {
  return ops::RunBiasActivation(ctx, [](double x) { return ops::Activate(Activation::kGelu, 0, 0, x); });
}

constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Gelu", ops::kUnaryInputs, ops::kUnaryOutputs, {}, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_Gelu = {.infer = ops::InferSameAsInput, .run = RunGelu, .facts = {.in_place = true}, .schemas = kSchemas};

}  // namespace samoyed
