// ConcatFromSequence: the tensors of a sequence one behind the other, along an axis they have or along a new one.
// https://onnx.ai/onnx/operators/onnx__ConcatFromSequence.html
#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Result<bool> IsNewAxis(const NodeContext& ctx) {
  const int64_t flag = ctx.attributes().Int("new_axis");
  if (flag != 0 && flag != 1) return BadInput("ConcatFromSequence: new_axis is ", flag);
  return flag == 1;
}

Result<Shape> OutputShape(const std::vector<const Tensor*>& parts, int axis, bool is_new) {
  Shape shape;
  const Shape& first = parts[0]->shape();
  for (int i = 0; i < first.rank() + (is_new ? 1 : 0); ++i) {
    shape.push_back(i == axis ? 0 : first[is_new && i > axis ? i - 1 : i]);
  }
  for (const Tensor* part : parts) {
    bool fits = part->rank() == first.rank();
    for (int i = 0; fits && i < first.rank(); ++i) fits = (i == axis && !is_new) || part->dim(i) == first[i];
    if (!fits) return BadInput("ConcatFromSequence: shapes ", first.ToString(), " and ", part->shape().ToString(), " do not fit");
    const auto sum = CheckedAdd(shape[axis], is_new ? int64_t{1} : part->dim(axis));
    if (!sum) return LimitExceeded("ConcatFromSequence: the sizes add up to more than 2^63");
    shape[axis] = *sum;
  }
  return shape;
}

Status RunConcatFromSequence(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Sequence* sequence, ops::RequireSequence(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const bool is_new, IsNewAxis(ctx));
  std::vector<const Tensor*> parts;
  for (const Value& item : sequence->items) {
    if (!item.is_tensor()) return BadInput("ConcatFromSequence: an element is no tensor");
    parts.push_back(&item.tensor());
    SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *parts[0], *parts.back()));
  }
  if (parts.empty()) return BadInput("ConcatFromSequence: the sequence is empty");
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), parts[0]->rank() + (is_new ? 1 : 0)));
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, OutputShape(parts, axis, is_new));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, parts[0]->dtype(), shape);
  if (out->size() == 0) return OkStatus();
  const int64_t outer = shape.Product(0, axis);
  int64_t at = 0;
  for (int64_t i = 0; i < outer; ++i) {
    for (const Tensor* part : parts) {
      const int64_t run = part->size() / outer;
      ops::CopyElements(*part, i * run, *out, at, run);
      at += run;
    }
  }
  return OkStatus();
}

Status InferConcatFromSequence(InferContext& ctx) {
  Type type = ops::ElementType(ctx, 0);
  if (!type.is_tensor()) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const bool is_new, IsNewAxis(ctx));
  if (type.shape) {
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), type.rank() + (is_new ? 1 : 0)));
    if (is_new) type.shape->insert(type.shape->begin() + axis, Dim());
    (*type.shape)[static_cast<size_t>(axis)] = Dim();
  }
  ctx.set_output_type(0, std::move(type));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_ConcatFromSequence = {.infer = InferConcatFromSequence, .run = RunConcatFromSequence};

}  // namespace samoyed
