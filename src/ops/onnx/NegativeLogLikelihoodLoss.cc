// NegativeLogLikelihoodLoss: -weight[target] x[target] of log probabilities x, reduced.
// https://onnx.ai/onnx/operators/onnx__NegativeLogLikelihoodLoss.html
#include "ops/common/loss.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status RunNegativeLogLikelihoodLoss(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::LossInputs in, ops::ReadLoss(ctx));
  return ops::StoreLoss(ctx, in, LoadAll<double>(*in.scores));
}

}  // namespace

extern const OpDef kOp_onnx_NegativeLogLikelihoodLoss = {.infer = ops::InferLoss, .run = RunNegativeLogLikelihoodLoss};

}  // namespace samoyed
