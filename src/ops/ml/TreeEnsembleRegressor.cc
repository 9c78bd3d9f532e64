// TreeEnsembleRegressor: the weights of the leaves that a row ends in, aggregated per target over all trees.
// https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html Versions 1, 3 (and 5, deprecated).
#include "ops/ml/trees.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferTreeEnsembleRegressor(InferContext& ctx) { return ops::InferRegressor(ctx, ctx.attributes().Int("n_targets", -1)); }

}  // namespace

extern const OpDef kOp_ml_TreeEnsembleRegressor = {.infer = InferTreeEnsembleRegressor, .run = ops::RunTrees};

}  // namespace samoyed
