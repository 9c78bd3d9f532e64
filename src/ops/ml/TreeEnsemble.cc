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

}  // namespace

extern const OpDef kOp_ml_TreeEnsemble = {.infer = InferTreeEnsemble, .run = ops::RunTrees};

}  // namespace samoyed
