// StringConcat: strings of input 1 behind those of input 0, broadcast. https://onnx.ai/onnx/operators/onnx__StringConcat.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunStringConcat(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
  if (a->dtype() != DType::kString || b->dtype() != DType::kString) return BadInput("StringConcat needs strings");
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a->shape(), b->shape()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kString, shape);
  const Shape strides[] = {ops::BroadcastStrides(a->shape(), shape), ops::BroadcastStrides(b->shape(), shape)};
  const int64_t n = shape.rank() == 0 ? 1 : shape.back();
  const int64_t a_step = shape.rank() == 0 ? 0 : strides[0].back(), b_step = shape.rank() == 0 ? 0 : strides[1].back();
  ops::ForEachRow(shape, strides, [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < n; ++i) {
      out->mutable_strings()[at + i] =
          a->strings()[static_cast<size_t>(from[0] + i * a_step)] + b->strings()[static_cast<size_t>(from[1] + i * b_step)];
    }
  });
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_StringConcat = {.infer = ops::InferBroadcast, .run = RunStringConcat, .facts = {.elementwise = true}};

}  // namespace samoyed
