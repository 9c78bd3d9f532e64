// SkipLayerNormalization: LayerNormalization of input + skip + bias over the last axis, and that sum. com.microsoft, ONNX Runtime's
// ContribOperators.
#include "ops/microsoft/layer_norm.h"

namespace samoyed {
namespace {

Status RunSkipLayerNormalization(KernelContext& ctx) { return ops::RunSkipNorm(ctx, false); }

constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kAnyFloatTypes}, {"U", ops::kFloatTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("input", "T"), ops::Param("skip", "T"), ops::Param("gamma", "T"),
                                   ops::OptionalParam("beta", "T"), ops::OptionalParam("bias", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T"), ops::OptionalParam("mean", "U"), ops::OptionalParam("inv_std_var", "U"),
                                    ops::OptionalParam("input_skip_bias_sum", "T")};
constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("epsilon", 1e-12f)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("SkipLayerNormalization", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_SkipLayerNormalization = {
    .infer = ops::InferSkipNorm, .run = RunSkipLayerNormalization, .schemas = kSchemas};

}  // namespace samoyed
