#include "ops/common/sequence.h"

#include "base/checked.h"
#include "ops/common/args.h"

namespace samoyed::ops {

Result<const Sequence*> RequireSequence(const KernelContext& ctx, int i) {
  const Value* value = ctx.input_value(i);
  if (value == nullptr || !value->is_sequence()) return BadInput(ctx.op_type(), " needs a sequence as input ", i);
  return &value->sequence();
}

Result<int64_t> RequirePosition(const KernelContext& ctx, int i, int64_t size) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* position, RequireInput(ctx, i));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t given, ReadInt(*position, "a position"));
  const auto place = NormalizeIndex(given, size);
  if (!place) return BadInput(ctx.op_type(), ": position ", given, " is outside [", -size, ", ", size, ")");
  return *place;
}

void SetSequence(KernelContext& ctx, std::vector<Value> items) {
  auto sequence = std::make_shared<Sequence>();
  sequence->items = std::move(items);
  ctx.set_output(0, Value(std::shared_ptr<const Sequence>(std::move(sequence))));
}

Type ElementType(const InferContext& ctx, int i) {
  const Type* type = ctx.input_type(i);
  return type != nullptr && type->element != nullptr ? *type->element : Type();
}

}  // namespace samoyed::ops
