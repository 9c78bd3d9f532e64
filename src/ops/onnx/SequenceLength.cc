// SequenceLength: the number of elements. https://onnx.ai/onnx/operators/onnx__SequenceLength.html
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSequenceLength(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Sequence* sequence, ops::RequireSequence(ctx, 0));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kInt64, Shape());
  out->mutable_data<int64_t>()[0] = static_cast<int64_t>(sequence->items.size());
  return OkStatus();
}

Status InferSequenceLength(InferContext& ctx) {
  ctx.set_output_type(0, Type::TensorOf(DType::kInt64, Dims()));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SequenceLength = {.infer = InferSequenceLength, .run = RunSequenceLength};

}  // namespace samoyed
