// SkipSimplifiedLayerNormalization: input + skip + bias over its root mean square along the last axis, and that sum. com.microsoft, ONNX
// Runtime's ContribOperators.
#include "ops/microsoft/layer_norm.h"

namespace samoyed {
namespace {

Status RunSkipSimplifiedLayerNormalization(KernelContext& ctx) { return ops::RunSkipNorm(ctx, true); }

constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kAnyFloatTypes}, {"U", ops::kFloatTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("input", "T"), ops::Param("skip", "T"), ops::Param("gamma", "T"),
                                   ops::OptionalParam("bias", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T"), ops::OptionalParam("mean", "U"), ops::OptionalParam("inv_std_var", "U"),
                                    ops::OptionalParam("input_skip_bias_sum", "T")};
constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("epsilon", 1e-12f)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("SkipSimplifiedLayerNormalization", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_SkipSimplifiedLayerNormalization = {
    .infer = ops::InferSkipNorm, .run = RunSkipSimplifiedLayerNormalization, .schemas = kSchemas};

}  // namespace samoyed
