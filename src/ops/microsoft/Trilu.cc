// Trilu: the standard's operator of that name, from before it had one. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"

namespace samoyed {
namespace {

ops::Callee Standard(const NodeContext& ctx) { return {"Trilu", 14, ops::Pick(ctx.attributes(), {"upper"})}; }
Status InferTrilu(InferContext& ctx) { return ops::InferAs(ctx, Standard(ctx)); }
Status RunTrilu(KernelContext& ctx) { return ops::RunAs(ctx, Standard(ctx)); }

constexpr SchemaParam kInputs[] = {ops::Param("X", "T"), ops::OptionalParam("k", "tensor(int64)")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr SchemaAttr kAttributes[] = {ops::IntAttr("upper", 1)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Trilu", kInputs, kOutputs, kAttributes, ops::kAnyT)};

}  // namespace

extern const OpDef kOp_microsoft_Trilu = {.infer = InferTrilu, .run = RunTrilu, .schemas = kSchemas};

}  // namespace samoyed
