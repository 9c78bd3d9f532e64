// Pad: the standard's operator as of version 11, whose pads may also be a matrix of one row and the value a list of one.
// com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"

namespace samoyed {
namespace {

ops::Callee Standard(const NodeContext& ctx) { return {"Pad", 13, ops::Pick(ctx.attributes(), {"mode"})}; }
Status InferPad(InferContext& ctx) {
  const Dims* pads = ctx.input_shape(1);
  if (pads == nullptr || pads->size() == 1) return ops::InferAs(ctx, Standard(ctx));
  // The standard's rule does not read a matrix; the rank is known all the same.
  Type out = Type::TensorOf(ctx.input_dtype(0));
  if (const Dims* x = ctx.input_shape(0)) out.shape = Dims(x->size());
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

Status RunPad(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* pads, RequireInput(ctx, 1));
  if (pads->rank() != 1 && !(pads->rank() == 2 && pads->dim(0) == 1))
    return BadInput("Pad needs pads of shape [n] or [1,n], got ", pads->shape().ToString());
  std::vector<Value> inputs = {*x, pads->Reshaped({pads->size()})};
  if (const Tensor* value = ctx.input(2)) {
    if (value->size() != 1) return BadInput("Pad needs one value, got shape ", value->shape().ToString());
    inputs.push_back(value->Reshaped({}));
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, ops::CallForTensor(ctx, Standard(ctx), std::move(inputs)));
  ctx.set_output(0, std::move(out));
  return OkStatus();
}

constexpr SchemaParam kInputs[] = {ops::Param("data", "T"), ops::Param("pads", "tensor(int64)"), ops::OptionalParam("value", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T")};
constexpr SchemaAttr kAttributes[] = {ops::StringAttr("mode", "constant")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Pad", kInputs, kOutputs, kAttributes, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_Pad = {.infer = InferPad, .run = RunPad, .schemas = kSchemas};

}  // namespace samoyed
