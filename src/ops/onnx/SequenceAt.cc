// SequenceAt: one element of a sequence. https://onnx.ai/onnx/operators/onnx__SequenceAt.html
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSequenceAt(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Sequence* sequence, ops::RequireSequence(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t place, ops::RequirePosition(ctx, 1, static_cast<int64_t>(sequence->items.size())));
  ctx.set_output(0, sequence->items[static_cast<size_t>(place)]);
  return OkStatus();
}

Status InferSequenceAt(InferContext& ctx) {
  ctx.set_output_type(0, ops::ElementType(ctx, 0));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SequenceAt = {.infer = InferSequenceAt, .run = RunSequenceAt};

}  // namespace samoyed
