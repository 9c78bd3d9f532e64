// FusedGemm: activation(alpha A' B' + beta C). com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/microsoft/fused.h"

namespace samoyed {
namespace {

ops::Callee Gemm(const NodeContext& ctx) { return {"Gemm", 13, ops::Pick(ctx.attributes(), {"alpha", "beta", "transA", "transB"})}; }

Status InferFusedGemm(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Type> out,
                           ops::CallInfer(ctx, Gemm(ctx), {ops::TypeOfInput(ctx, 0), ops::TypeOfInput(ctx, 1)}, {0, 1}));
  ctx.set_output_type(0, out[0]);
  return OkStatus();
}

Status RunFusedGemm(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  const Attributes& attributes = ctx.attributes();
  std::vector<float> params;
  if (attributes.Has("activation_alpha")) params.push_back(attributes.Float("activation_alpha"));
  if (attributes.Has("activation_beta") && !params.empty()) params.push_back(attributes.Float("activation_beta"));
  SAMOYED_ASSIGN_OR_RETURN(const ops::FusedActivation f, ops::FusedActivationOf(ctx, attributes.String("activation"), params));
  std::vector<Value> values(3);
  for (int i = 0; i < 3; ++i) {
    const Tensor* t = ctx.input(i);
    if (t == nullptr) continue;
    if (!IsFloat(t->dtype())) return BadInput("FusedGemm needs floats, got ", NameOf(t->dtype()), " as input ", i);
    SAMOYED_ASSIGN_OR_RETURN(values[static_cast<size_t>(i)], ops::ToDouble(*t));
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor y, ops::CallForTensor(ctx, Gemm(ctx), std::move(values)));
  SAMOYED_RETURN_IF_ERROR(ops::ApplyEpilogue(y, f.activation, f.alpha, f.beta, nullptr));
  return ops::StoreOutput(ctx, 0, a->dtype(), y);
}

constexpr SchemaParam kInputs[] = {ops::Param("A", "T"), ops::Param("B", "T"), ops::OptionalParam("C", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr SchemaAttr kAttributes[] = {ops::IntAttr("transA", 0),
                                      ops::IntAttr("transB", 0),
                                      ops::FloatAttr("alpha", 1),
                                      ops::FloatAttr("beta", 1),
                                      ops::BareAttr("activation", SchemaAttrType::kString),
                                      ops::BareAttr("activation_alpha", SchemaAttrType::kFloat),
                                      ops::BareAttr("activation_beta", SchemaAttrType::kFloat),
                                      ops::BareAttr("activation_gamma", SchemaAttrType::kFloat)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("FusedGemm", kInputs, kOutputs, kAttributes, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_FusedGemm = {.infer = InferFusedGemm, .run = RunFusedGemm, .schemas = kSchemas};

}  // namespace samoyed
