// DequantizeLinear: the standard's operator with the types that it has since version 21. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"

namespace samoyed {
namespace {

ops::Callee Standard(const NodeContext& ctx) { return {"DequantizeLinear", 21, ops::Pick(ctx.attributes(), {"axis"})}; }
Status InferDequantizeLinear(InferContext& ctx) { return ops::InferAs(ctx, Standard(ctx)); }
Status RunDequantizeLinear(KernelContext& ctx) { return ops::RunAs(ctx, Standard(ctx)); }

constexpr std::string_view kReals[] = {"tensor(float)", "tensor(float16)"};
constexpr std::string_view kIntegers[] = {"tensor(int8)",  "tensor(uint8)", "tensor(int16)", "tensor(uint16)",
                                          "tensor(int32)", "tensor(int4)",  "tensor(uint4)"};
constexpr SchemaTypeConstraint kConstraints[] = {{"T1", kIntegers}, {"T2", kReals}};
constexpr SchemaParam kInputs[] = {ops::Param("x", "T1"), ops::Param("x_scale", "T2"), ops::OptionalParam("x_zero_point", "T1")};
constexpr SchemaParam kOutputs[] = {ops::Param("y", "T2")};
constexpr SchemaAttr kAttributes[] = {ops::BareAttr("axis", SchemaAttrType::kInt)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("DequantizeLinear", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_DequantizeLinear = {.infer = InferDequantizeLinear, .run = RunDequantizeLinear, .schemas = kSchemas};

}  // namespace samoyed
