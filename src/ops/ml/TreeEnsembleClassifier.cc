// TreeEnsembleClassifier: the votes of all trees' leaves per class, and the label of the class with the most.
// https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html Versions 1, 3 (and 5, deprecated).
#include "ops/ml/trees.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferTreeEnsembleClassifier(InferContext& ctx) {
  const ops::ClassLabels labels(ctx, "classlabels_int64s", "classlabels_strings");
  return ops::InferClassifier(ctx, labels.dtype(), labels.size() > 1 ? Dim(labels.size()) : Dim());
}

}  // namespace

extern const OpDef kOp_ml_TreeEnsembleClassifier = {.infer = InferTreeEnsembleClassifier, .run = ops::RunTrees};

}  // namespace samoyed
