// InstanceNormalization: each channel of each item normalised over its spatial axes, then scaled and shifted.
// https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html
#include "ops/common/infer.h"
#include "ops/common/normalise.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunInstanceNormalization(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->rank() < 2) return BadInput("InstanceNormalization needs [N, C, ...], got ", x->shape().ToString());
  return ops::RunGroupNormalization(ctx, x->dim(1), false);
}

}  // namespace

extern const OpDef kOp_onnx_InstanceNormalization = {.infer = ops::InferSameAsInput, .run = RunInstanceNormalization};

}  // namespace samoyed
