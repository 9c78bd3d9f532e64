// SequenceInsert: a sequence with one more element, at the end by default.
// https://onnx.ai/onnx/operators/onnx__SequenceInsert.html
#include "ops/common/args.h"
#include "ops/common/control_flow.h"
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSequenceInsert(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Sequence* sequence, ops::RequireSequence(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* item, RequireInput(ctx, 1));
  const auto size = static_cast<int64_t>(sequence->items.size());
  int64_t place = size;
  if (const Tensor* position = ctx.input(2)) {
    SAMOYED_ASSIGN_OR_RETURN(const int64_t given, ops::ReadInt(*position, "SequenceInsert: position"));
    if (given < -size || given > size) return BadInput("SequenceInsert: position ", given, " is outside [", -size, ", ", size, "]");
    place = given < 0 ? given + size : given;
  }
  std::vector<Value> items = sequence->items;
  if (size > 0 && items[0].is_tensor()) SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, items[0].tensor(), *item));
  items.insert(items.begin() + place, *item);
  ops::SetSequence(ctx, std::move(items));
  return OkStatus();
}

Status InferSequenceInsert(InferContext& ctx) {
  const Type element = ops::ElementType(ctx, 0);
  const Type* item = ctx.tensor_type(1);
  if (!element.known() || item == nullptr) return OkStatus();
  Type merged = ops::MergeTypes(element, *item);
  if (!merged.known()) return BadInput("SequenceInsert of ", item->ToString(), " into a sequence of ", element.ToString());
  ctx.set_output_type(0, Type::SequenceOf(std::move(merged)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SequenceInsert = {.infer = InferSequenceInsert, .run = RunSequenceInsert};

}  // namespace samoyed
