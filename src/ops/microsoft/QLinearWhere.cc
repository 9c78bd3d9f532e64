// QLinearWhere: X where the condition holds, else Y, both requantised. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/microsoft/qlinear.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kCondition, kX, kXScale, kXZero, kY, kYScale, kYZero, kZScale, kZZero };

ops::Callee Where() { return {"Where", 16}; }

Status InferQLinearWhere(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(
      std::vector<Type> out,
      ops::CallInfer(ctx, Where(), {ops::TypeOfInput(ctx, kCondition), ops::TypeOfInput(ctx, kX), ops::TypeOfInput(ctx, kY)}, {}));
  ctx.set_output_type(0, std::move(out[0]));
  return OkStatus();
}

// A quantised input as real numbers.
Result<Tensor> Real(const KernelContext& ctx, int i) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, i));
  if (!IsInteger(x->dtype())) return BadInput("QLinearWhere needs integers as input ", i, ", got ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer q, ops::QuantizerAt(ctx, i + 1, i + 2));
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(DType::kDouble, x->shape()));
  StoreAll(out, ops::DequantizeAll(*x, q));
  return out;
}

Status RunQLinearWhere(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* condition, RequireInput(ctx, kCondition));
  SAMOYED_ASSIGN_OR_RETURN(Tensor x, Real(ctx, kX));
  SAMOYED_ASSIGN_OR_RETURN(Tensor y, Real(ctx, kY));
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer q, ops::QuantizerAt(ctx, kZScale, kZZero));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor z, ops::CallForTensor(ctx, Where(), {*condition, std::move(x), std::move(y)}));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, ctx.input(kX)->dtype(), z.shape());
  ops::QuantizeAll(LoadAll<double>(z), q, *out);
  return OkStatus();
}

constexpr SchemaParam kInputs[] = {ops::Param("condition", "tensor(bool)"),
                                   ops::Param("X", "T"),
                                   ops::Param("x_scale", "tensor(float)"),
                                   ops::Param("x_zero_point", "T"),
                                   ops::Param("Y", "T"),
                                   ops::Param("y_scale", "tensor(float)"),
                                   ops::Param("y_zero_point", "T"),
                                   ops::Param("z_scale", "tensor(float)"),
                                   ops::Param("z_zero_point", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Z", "T")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("QLinearWhere", kInputs, kOutputs, {}, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearWhere = {.infer = InferQLinearWhere, .run = RunQLinearWhere, .schemas = kSchemas};

}  // namespace samoyed
