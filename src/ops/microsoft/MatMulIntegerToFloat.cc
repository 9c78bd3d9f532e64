// MatMulIntegerToFloat: the product of quantised matrices as real numbers, plus a bias. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/matrix.h"
#include "ops/common/quantize.h"
#include "ops/microsoft/quantized_matmul.h"

namespace samoyed {
namespace {

enum Inputs { kA, kB, kAScale, kBScale, kAZero, kBZero, kBias };

Status InferMatMulIntegerToFloat(InferContext& ctx) { return ops::InferMatMul(ctx, kA, kB, ctx.input_dtype(kAScale)); }

Status RunMatMulIntegerToFloat(KernelContext& ctx) {
  ops::QuantizedMatMul q;
  SAMOYED_ASSIGN_OR_RETURN(q.a, RequireInput(ctx, kA));
  SAMOYED_ASSIGN_OR_RETURN(q.b, RequireInput(ctx, kB));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a_scale, RequireInput(ctx, kAScale));
  SAMOYED_ASSIGN_OR_RETURN(q.b_scale, RequireInput(ctx, kBScale));
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer qa, ops::QuantizerAt(ctx, kAScale, kAZero));
  q.a_scale = qa.scale;
  q.a_zero = static_cast<double>(qa.zero_point);
  q.b_zero = ctx.input(kBZero);
  q.bias = ctx.input(kBias);
  return ops::RunQuantizedMatMul(ctx, q, a_scale->dtype());
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T1", ops::kByteTypes}, {"T2", ops::kByteTypes}, {"T3", ops::kAnyFloatTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("A", "T1"),
                                   ops::Param("B", "T2"),
                                   ops::Param("a_scale", "T3"),
                                   ops::Param("b_scale", "T3"),
                                   ops::OptionalParam("a_zero_point", "T1"),
                                   ops::OptionalParam("b_zero_point", "T2"),
                                   ops::OptionalParam("bias", "T3")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T3")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("MatMulIntegerToFloat", kInputs, kOutputs, {}, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_MatMulIntegerToFloat = {
    .infer = InferMatMulIntegerToFloat, .run = RunMatMulIntegerToFloat, .schemas = kSchemas};

}  // namespace samoyed
