// EyeLike: ones on the k-th diagonal of a matrix of input 0's shape. https://onnx.ai/onnx/operators/onnx__EyeLike.html
#include <algorithm>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status RunEyeLike(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::DTypeAttribute(ctx, "dtype", in->dtype()));
  if (in->rank() != 2) return BadInput("EyeLike needs a matrix, not shape ", in->shape().ToString());
  if (ClassOf(dtype) == DTypeClass::kString) return BadInput("EyeLike cannot make strings");
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, in->shape());
  ops::ZeroElements(*out, 0, out->size());
  const int64_t rows = in->dim(0), columns = in->dim(1);
  const int64_t k = std::clamp(ctx.attributes().Int("k"), -rows, columns);
  const int64_t one = 1;
  for (int64_t row = std::max<int64_t>(0, -k); row < rows && row + k < columns; ++row) Store(*out, row * columns + row + k, 1, &one);
  return OkStatus();
}

Status InferEyeLike(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ctx.attributes().Has("dtype") ? ops::DTypeAttribute(ctx, "dtype", DType::kFloat)
                                                                            : Result<DType>(ctx.input_dtype(0)));
  if (dtype == DType::kUndefined) return OkStatus();
  const Dims* shape = ctx.input_shape(0);
  if (shape != nullptr && shape->size() != 2) return BadInput("EyeLike needs a matrix, not a tensor of rank ", shape->size());
  ctx.set_output_type(0, shape != nullptr ? Type::TensorOf(dtype, *shape) : Type::TensorOf(dtype));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_EyeLike = {.infer = InferEyeLike, .run = RunEyeLike};

}  // namespace samoyed
