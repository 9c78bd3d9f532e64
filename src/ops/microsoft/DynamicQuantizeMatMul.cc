// DynamicQuantizeMatMul: A is quantised to bytes by its range (the standard's DynamicQuantizeLinear), multiplied with the quantised B,
// and the product is real again. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/matrix.h"
#include "ops/microsoft/quantized_matmul.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kA, kB, kBScale, kBZero, kBias };

Status InferDynamicQuantizeMatMul(InferContext& ctx) { return ops::InferMatMul(ctx, kA, kB, DType::kFloat); }

Status RunDynamicQuantizeMatMul(KernelContext& ctx) {
  ops::QuantizedMatMul q;
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, kA));
  if (a->dtype() != DType::kFloat) return BadInput("DynamicQuantizeMatMul needs A of float, got ", NameOf(a->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(q.b, RequireInput(ctx, kB));
  SAMOYED_ASSIGN_OR_RETURN(q.b_scale, RequireInput(ctx, kBScale));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Value> quantised, ops::Call(ctx, {"DynamicQuantizeLinear", 11, {}, 3}, {*a}));
  q.a = &quantised[0].tensor();
  q.a_scale = At<double>(quantised[1].tensor());
  q.a_zero = At<double>(quantised[2].tensor());
  q.b_zero = ctx.input(kBZero);
  q.bias = ctx.input(kBias);
  return ops::RunQuantizedMatMul(ctx, q, DType::kFloat);
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T1", ops::kFloatTypes}, {"T2", ops::kByteTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("A", "T1"), ops::Param("B", "T2"), ops::Param("b_scale", "T1"),
                                   ops::OptionalParam("b_zero_point", "T2"), ops::OptionalParam("bias", "T1")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T1")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("DynamicQuantizeMatMul", kInputs, kOutputs, {}, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_DynamicQuantizeMatMul = {
    .infer = InferDynamicQuantizeMatMul, .run = RunDynamicQuantizeMatMul, .schemas = kSchemas};

}  // namespace samoyed
