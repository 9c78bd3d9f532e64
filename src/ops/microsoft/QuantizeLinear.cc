// QuantizeLinear: the standard's operator with the types that it has since version 21. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"

namespace samoyed {
namespace {

ops::Callee Standard(const NodeContext& ctx) { return {"QuantizeLinear", 21, ops::Pick(ctx.attributes(), {"axis"})}; }
Status InferQuantizeLinear(InferContext& ctx) { return ops::InferAs(ctx, Standard(ctx)); }
Status RunQuantizeLinear(KernelContext& ctx) { return ops::RunAs(ctx, Standard(ctx)); }

constexpr std::string_view kReals[] = {"tensor(float)", "tensor(float16)"};
constexpr std::string_view kIntegers[] = {"tensor(int8)",   "tensor(uint8)", "tensor(int16)",
                                          "tensor(uint16)", "tensor(int4)",  "tensor(uint4)"};
constexpr SchemaTypeConstraint kConstraints[] = {{"T1", kReals}, {"T2", kIntegers}};
constexpr SchemaParam kInputs[] = {ops::Param("x", "T1"), ops::Param("y_scale", "T1"), ops::OptionalParam("y_zero_point", "T2")};
constexpr SchemaParam kOutputs[] = {ops::Param("y", "T2")};
constexpr SchemaAttr kAttributes[] = {ops::BareAttr("axis", SchemaAttrType::kInt)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("QuantizeLinear", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_QuantizeLinear = {.infer = InferQuantizeLinear, .run = RunQuantizeLinear, .schemas = kSchemas};

}  // namespace samoyed
