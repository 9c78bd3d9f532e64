// FusedConv: activation(Conv(X, W, B) + Z). com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/microsoft/fused.h"

namespace samoyed {
namespace {

ops::Callee Conv(const NodeContext& ctx) {
  return {"Conv", 11, ops::Pick(ctx.attributes(), {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"})};
}

Status InferFusedConv(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Type> out,
                           ops::CallInfer(ctx, Conv(ctx), {ops::TypeOfInput(ctx, 0), ops::TypeOfInput(ctx, 1)}, {0, 1}));
  ctx.set_output_type(0, out[0]);
  return OkStatus();
}

Status RunFusedConv(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, 1));
  if (!IsFloat(x->dtype()) || !IsFloat(w->dtype()))
    return BadInput("FusedConv needs floats, got ", NameOf(x->dtype()), " and ", NameOf(w->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const ops::FusedActivation f, ops::FusedActivationOf(ctx, ctx.attributes().String("activation"),
                                                                                ctx.attributes().Floats("activation_params")));
  Value values[4];
  for (int i = 0; i < 4; ++i) {
    if (ctx.input(i) == nullptr) continue;
    SAMOYED_ASSIGN_OR_RETURN(values[i], ops::ToDouble(*ctx.input(i)));
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor y, ops::CallForTensor(ctx, Conv(ctx), {values[0], values[1], values[2]}));
  const Tensor* residual = values[3].is_tensor() ? &values[3].tensor() : nullptr;
  if (residual != nullptr && !(residual->shape() == y.shape()))
    return BadInput("FusedConv: Z has shape ", residual->shape().ToString(), ", the result ", y.shape().ToString());
  SAMOYED_RETURN_IF_ERROR(ops::ApplyEpilogue(y, f.activation, f.alpha, f.beta, residual));
  return ops::StoreOutput(ctx, 0, x->dtype(), y);
}

constexpr SchemaParam kInputs[] = {ops::Param("X", "T"), ops::Param("W", "T"), ops::OptionalParam("B", "T"), ops::OptionalParam("Z", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr SchemaAttr kAttributes[] = {ops::StringAttr("auto_pad", "NOTSET"),
                                      ops::BareAttr("kernel_shape", SchemaAttrType::kInts),
                                      ops::BareAttr("dilations", SchemaAttrType::kInts),
                                      ops::BareAttr("strides", SchemaAttrType::kInts),
                                      ops::BareAttr("pads", SchemaAttrType::kInts),
                                      ops::IntAttr("group", 1),
                                      ops::BareAttr("activation", SchemaAttrType::kString),
                                      ops::BareAttr("activation_params", SchemaAttrType::kFloats)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("FusedConv", kInputs, kOutputs, kAttributes, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_FusedConv = {.infer = InferFusedConv, .run = RunFusedConv, .schemas = kSchemas};

}  // namespace samoyed
