// TreeEnsemble: forests for regression, written down as splits and leaves. https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html
#include "ops/ml/trees.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferTreeEnsemble(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Dim rows, ops::InferRows(ctx));
  const int64_t targets = ctx.attributes().Int("n_targets", -1);
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0), Dims{rows, targets >= 0 ? Dim(targets) : Dim()}));
  return OkStatus();
}

Status RunTreeEnsemble(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsFloat(x->dtype())) return BadInput("TreeEnsemble needs floats, got ", NameOf(x->dtype()));
  const Attributes& a = ctx.attributes();
  const int64_t aggregate = a.Int("aggregate_function", 1), transform = a.Int("post_transform", 0);
  if (aggregate < 0 || aggregate > 3) return BadInput("TreeEnsemble: aggregate_function is ", aggregate, ", it must be 0 to 3");
  if (transform < 0 || transform > 4) return BadInput("TreeEnsemble: post_transform is ", transform, ", it must be 0 to 4");
  const ops::TreeRegression regression{
      a.Int("n_targets"), static_cast<ops::TreeAggregate>(aggregate), static_cast<ops::PostTransform>(transform), {}};
  SAMOYED_ASSIGN_OR_RETURN(const ops::TreeEnsemble forest, ops::TreeEnsemble::FromSplitLists(a, regression.targets));
  return ops::RunTreeRegression(ctx, forest, regression, x->dtype());
}

}  // namespace

extern const OpDef kOp_ml_TreeEnsemble = {.infer = InferTreeEnsemble, .run = RunTreeEnsemble};

}  // namespace samoyed
