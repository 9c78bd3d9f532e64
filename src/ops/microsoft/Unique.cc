// Unique: the distinct elements of a list in the order in which they appear, where each element went, and how often each is there.
// com.microsoft, ONNX Runtime's ContribOperators. It is the standard's Unique, unsorted, with other outputs.
#include <algorithm>

#include "ops/common/call.h"
#include "ops/common/schema_parts.h"

namespace samoyed {
namespace {

Status InferUnique(InferContext& ctx) {
  const Dims* x = ctx.input_shape(0);
  if (x != nullptr && x->size() != 1) return BadInput("Unique of com.microsoft needs a list, got rank ", x->size());
  const Dim found = ctx.NewSymbol();
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0), Dims{found}));
  if (ctx.num_outputs() > 1) ctx.set_output_type(1, Type::TensorOf(DType::kInt64, Dims{x == nullptr ? Dim() : (*x)[0]}));
  if (ctx.num_outputs() > 2) ctx.set_output_type(2, Type::TensorOf(DType::kInt64, Dims{found}));
  return OkStatus();
}

Status RunUnique(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->rank() != 1) return BadInput("Unique of com.microsoft needs a list, got shape ", x->shape().ToString());
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> out, ops::Call(ctx, {"Unique", 11, {{"sorted", int64_t{0}}}, 4}, {*x}));
  constexpr size_t kFrom[] = {0, 2, 3};  // values, inverse indices, counts
  for (int i = 0; i < std::min(3, ctx.num_outputs()); ++i) {
    if (ctx.wants_output(i)) ctx.set_output(i, std::move(out[kFrom[i]]));
  }
  return OkStatus();
}

constexpr SchemaParam kInputs[] = {ops::Param("x", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("y", "T"), ops::Param("idx", "tensor(int64)"), ops::Param("counts", "tensor(int64)")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Unique", kInputs, kOutputs, {}, ops::kAnyT)};

}  // namespace

extern const OpDef kOp_microsoft_Unique = {.infer = InferUnique, .run = RunUnique, .schemas = kSchemas};

}  // namespace samoyed
