// SequenceErase: a sequence without one of its elements, the last by default.
// https://onnx.ai/onnx/operators/onnx__SequenceErase.html
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSequenceErase(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Sequence* sequence, ops::RequireSequence(ctx, 0));
  const auto size = static_cast<int64_t>(sequence->items.size());
  if (size == 0) return BadInput("SequenceErase: the sequence is empty");
  int64_t place = size - 1;
  if (ctx.input(1) != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(place, ops::RequirePosition(ctx, 1, size));
  }
  std::vector<Value> items = sequence->items;
  items.erase(items.begin() + place);
  ops::SetSequence(ctx, std::move(items));
  return OkStatus();
}

Status InferSequenceErase(InferContext& ctx) {
  if (const Type* type = ctx.input_type(0)) ctx.set_output_type(0, *type);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SequenceErase = {.infer = InferSequenceErase, .run = RunSequenceErase};

}  // namespace samoyed
