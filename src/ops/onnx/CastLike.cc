// CastLike: input 0 in the element type of input 1. https://onnx.ai/onnx/operators/onnx__CastLike.html
#include "ops/common/args.h"
#include "ops/common/cast.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunCastLike(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* like, RequireInput(ctx, 1));
  return ops::RunCastTo(ctx, like->dtype());
}

Status InferCastLike(InferContext& ctx) {
  const Type* like = ctx.tensor_type(1);
  if (like == nullptr) return OkStatus();
  const Dims* shape = ctx.input_shape(0);
  ctx.set_output_type(0, shape != nullptr ? Type::TensorOf(like->dtype, *shape) : Type::TensorOf(like->dtype));
  if (like->dtype == DType::kInt64 || like->dtype == DType::kInt32) ops::PropagateContent(ctx);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_CastLike = {.infer = InferCastLike, .run = RunCastLike};

}  // namespace samoyed
