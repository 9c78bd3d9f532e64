// GroupNormalization: channels in groups, each group of each item normalised as a whole. Scale and bias are one a group in version 18,
// one a channel from 21 on. https://onnx.ai/onnx/operators/onnx__GroupNormalization.html
#include "ops/common/infer.h"
#include "ops/common/normalise.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunGroupNormalizationOp(KernelContext& ctx) {
  return ops::RunGroupNormalization(ctx, ctx.attributes().Int("num_groups"), ctx.since_version() < 21);
}

}  // namespace

extern const OpDef kOp_onnx_GroupNormalization = {.infer = ops::InferSameAsInput, .run = RunGroupNormalizationOp};

}  // namespace samoyed
