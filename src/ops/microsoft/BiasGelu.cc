// BiasGelu: Gelu of A + B, B a bias along the last axis. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/infer.h"
#include "ops/microsoft/gelu.h"

namespace samoyed {
namespace {

Status RunBiasGelu(KernelContext& ctx) {
  return ops::RunBiasActivation(ctx, [](double x) { return ops::Activate(Activation::kGelu, 0, 0, x); });
}

constexpr SchemaParam kInputs[] = {ops::Param("A", "T"), ops::Param("B", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("C", "T")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("BiasGelu", kInputs, kOutputs, {}, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_BiasGelu = {
    .infer = ops::InferSameAsInput, .run = RunBiasGelu, .facts = {.in_place = true}, .schemas = kSchemas};

}  // namespace samoyed
