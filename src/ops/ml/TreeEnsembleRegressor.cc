// TreeEnsembleRegressor: the weights of the leaves that a row ends in, aggregated per target over all trees.
// https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html Versions 1, 3 (and 5, deprecated).
#include "ops/ml/trees.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferTreeEnsembleRegressor(InferContext& ctx) { return ops::InferRegressor(ctx, ctx.attributes().Int("n_targets", -1)); }

Status RunTreeEnsembleRegressor(KernelContext& ctx) {
  const std::string_view name = ctx.attributes().String("aggregate_function", "SUM");
  ops::TreeRegression regression;
  if (name == "SUM")
    regression.aggregate = ops::TreeAggregate::kSum;
  else if (name == "AVERAGE")
    regression.aggregate = ops::TreeAggregate::kAverage;
  else if (name == "MIN")
    regression.aggregate = ops::TreeAggregate::kMin;
  else if (name == "MAX")
    regression.aggregate = ops::TreeAggregate::kMax;
  else
    return BadInput("TreeEnsembleRegressor: aggregate_function ", Quote(name), " is none of SUM, AVERAGE, MIN, MAX");
  SAMOYED_ASSIGN_OR_RETURN(regression.transform, ops::PostTransformAttribute(ctx));
  regression.targets = ctx.attributes().Int("n_targets");
  SAMOYED_ASSIGN_OR_RETURN(regression.base, ops::BaseValues(ctx.attributes()));
  SAMOYED_ASSIGN_OR_RETURN(const ops::TreeEnsemble forest,
                           ops::TreeEnsemble::FromNodeLists(ctx.attributes(), "target", regression.targets));
  return ops::RunTreeRegression(ctx, forest, regression, DType::kFloat);
}

}  // namespace

extern const OpDef kOp_ml_TreeEnsembleRegressor = {.infer = InferTreeEnsembleRegressor, .run = RunTreeEnsembleRegressor};

}  // namespace samoyed
