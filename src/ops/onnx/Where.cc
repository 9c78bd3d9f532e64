// Where: elements of X where the condition holds, of Y elsewhere, all broadcast. https://onnx.ai/onnx/operators/onnx__Where.html
#include "ops/common/copy_elements.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferWhere(InferContext& ctx) { return ops::InferBroadcastAs(ctx, ctx.input_dtype(1)); }

Status RunWhere(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* condition, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* y, RequireInput(ctx, 2));
  if (condition->dtype() != DType::kBool) return BadInput("Where needs a bool condition, got ", NameOf(condition->dtype()));
  if (x->dtype() != y->dtype()) return BadInput("Where needs two inputs of one type, got ", NameOf(x->dtype()), " and ", NameOf(y->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(Shape shape, BroadcastShapes(condition->shape(), x->shape()));
  SAMOYED_ASSIGN_OR_RETURN(shape, BroadcastShapes(shape, y->shape()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x->dtype(), shape);
  const Shape strides[] = {ops::BroadcastStrides(condition->shape(), shape), ops::BroadcastStrides(x->shape(), shape),
                           ops::BroadcastStrides(y->shape(), shape)};
  const int last = shape.rank() - 1;
  const int64_t n = last < 0 ? 1 : shape.back();
  const auto step = [&](int k) { return last < 0 ? 0 : strides[k][last]; };
  ops::ForEachRow(shape, strides, [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < n; ++i) {
      const bool first = condition->data<uint8_t>()[from[0] + i * step(0)] != 0;
      ops::CopyElements(first ? *x : *y, first ? from[1] + i * step(1) : from[2] + i * step(2), *out, at + i, 1);
    }
  });
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Where = {.infer = InferWhere, .run = RunWhere, .facts = {.elementwise = true}};

}  // namespace samoyed
