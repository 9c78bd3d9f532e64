// FastGelu: Gelu by its approximation with tanh, of X + bias. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/infer.h"
#include "ops/microsoft/gelu.h"

namespace samoyed {
namespace {

Status RunFastGelu(KernelContext& ctx) {
  return ops::RunBiasActivation(ctx, [](double x) { return ops::Activate(Activation::kGeluTanh, 0, 0, x); });
}

constexpr SchemaParam kInputs[] = {ops::Param("X", "T"), ops::OptionalParam("bias", "T")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("FastGelu", kInputs, ops::kUnaryOutputs, {}, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_FastGelu = {
    .infer = ops::InferSameAsInput, .run = RunFastGelu, .facts = {.in_place = true}, .schemas = kSchemas};

}  // namespace samoyed
