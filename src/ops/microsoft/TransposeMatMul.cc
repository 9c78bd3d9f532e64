// TransposeMatMul: FusedMatMul under its first name, from before it moved batches. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"

namespace samoyed {
namespace {

ops::Callee Fused(const NodeContext& ctx) {
  return {"FusedMatMul", 1, ops::Pick(ctx.attributes(), {"alpha", "transA", "transB"}), 1, "com.microsoft"};
}
Status InferTransposeMatMul(InferContext& ctx) { return ops::InferAs(ctx, Fused(ctx)); }
Status RunTransposeMatMul(KernelContext& ctx) { return ops::RunAs(ctx, Fused(ctx)); }

constexpr SchemaParam kInputs[] = {ops::Param("A", "T"), ops::Param("B", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("alpha", 1), ops::IntAttr("transA", 0), ops::IntAttr("transB", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("TransposeMatMul", kInputs, kOutputs, kAttributes, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_TransposeMatMul = {.infer = InferTransposeMatMul, .run = RunTransposeMatMul, .schemas = kSchemas};

}  // namespace samoyed
