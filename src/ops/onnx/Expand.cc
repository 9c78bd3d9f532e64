// Expand: the input repeated to a shape, both broadcast against each other.
// https://onnx.ai/onnx/operators/onnx__Expand.html
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunExpand(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* target_tensor, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints target, ops::ReadInts(*target_tensor, "Expand: shape"));
  for (int64_t d : target) {
    if (d < 0) return BadInput("Expand to [", StrJoin(target, ","), "]: ", d, " is no size");
  }
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(in->shape(), Shape(std::span<const int64_t>(target))));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  ops::GatherStrided(*in, 0, ops::BroadcastStrides(in->shape(), shape), shape, *out);
  return OkStatus();
}

Status InferExpand(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  if (!in->shape) return OkStatus();
  Dims target;
  if (const ops::KnownInts known = ops::InferInts(ctx, "", 1); known.values) {
    for (int64_t d : *known.values) target.push_back(d < 0 ? Dim() : Dim(d));
  } else if (!ctx.input_dims(1, &target)) {
    const Dims* length = ctx.input_shape(1);
    if (length == nullptr || length->size() != 1 || !(*length)[0].known() || (*length)[0].value > 1024) return OkStatus();
    target = ops::UnknownDims(static_cast<int>((*length)[0].value));
  }
  SAMOYED_ASSIGN_OR_RETURN(Dims dims, ops::BroadcastDims(*in->shape, target));
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Expand = {.infer = InferExpand, .run = RunExpand};

}  // namespace samoyed
