// Size: the number of elements. https://onnx.ai/onnx/operators/onnx__Size.html
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSize(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kInt64, Shape());
  out->mutable_data<int64_t>()[0] = in->size();
  return OkStatus();
}

Status InferSize(InferContext& ctx) {
  ctx.set_output_type(0, Type::TensorOf(DType::kInt64, Dims()));
  const Type* in = ctx.tensor_type(0);
  const auto shape = in != nullptr ? in->concrete_shape() : std::nullopt;
  if (!shape) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const int64_t count, shape->CheckedNumElements());
  ctx.set_output_dims(0, {Dim(count)});
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Size = {.infer = InferSize, .run = RunSize, .facts = {.shape_only = true}};

}  // namespace samoyed
