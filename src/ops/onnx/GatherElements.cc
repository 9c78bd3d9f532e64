// GatherElements: out[i, j, ...] = data[..., indices[i, j, ...], ...], the index standing for the place along `axis`.
// https://onnx.ai/onnx/operators/onnx__GatherElements.html
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/elementwise.h"
#include "ops/common/scatter.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunGatherElements(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* data, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), data->rank()));
  bool fits = indices->rank() == data->rank();
  for (int i = 0; fits && i < data->rank(); ++i) fits = i == axis || indices->dim(i) <= data->dim(i);
  if (!fits) {
    return BadInput("GatherElements: indices of shape ", indices->shape().ToString(), " do not fit data of shape ",
                    data->shape().ToString());
  }
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int64_t> places, ops::ReadIndices(ctx, *indices, data->dim(axis)));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, data->dtype(), indices->shape());
  Shape strides = RowMajorStrides(data->shape());
  const int64_t axis_stride = strides[axis];
  const bool along_last = axis == data->rank() - 1;
  strides[axis] = 0;
  ops::ForEachRow(indices->shape(), std::span<const Shape>(&strides, 1), [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < indices->shape().back(); ++i) {
      const int64_t place = from[0] + places[static_cast<size_t>(at + i)] * axis_stride + (along_last ? 0 : i);
      ops::CopyElements(*data, place, *out, at + i, 1);
    }
  });
  return OkStatus();
}

Status InferGatherElements(InferContext& ctx) {
  const Type* data = ctx.tensor_type(0);
  if (data == nullptr) return OkStatus();
  const Dims* indices = ctx.input_shape(1);
  ctx.set_output_type(0, indices != nullptr ? Type::TensorOf(data->dtype, *indices) : Type::TensorOf(data->dtype));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_GatherElements = {.infer = InferGatherElements, .run = RunGatherElements};

}  // namespace samoyed
