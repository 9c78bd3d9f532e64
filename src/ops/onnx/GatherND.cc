// GatherND: slices of the data; the last axis of indices holds their leading coordinates, behind `batch_dims` axes that
// data and indices share. https://onnx.ai/onnx/operators/onnx__GatherND.html
#include <algorithm>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Result<int> BatchDims(const NodeContext& ctx, int data_rank, int indices_rank) {
  const int64_t batch = ctx.attributes().Int("batch_dims");
  if (data_rank < 1 || indices_rank < 1) return BadInput("GatherND needs data and indices of rank 1 or more");
  if (batch < 0 || batch >= std::min(data_rank, indices_rank)) {
    return BadInput("GatherND: batch_dims ", batch, " does not fit data of rank ", data_rank, " and indices of rank ", indices_rank);
  }
  return static_cast<int>(batch);
}

Status RunGatherND(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* data, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, 1));
  if (indices->dtype() != DType::kInt64) return BadInput("GatherND: indices must be int64, not ", NameOf(indices->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const int batch, BatchDims(ctx, data->rank(), indices->rank()));
  const int64_t depth = indices->shape().back();
  bool fits = depth >= 1 && depth <= data->rank() - batch;
  for (int i = 0; fits && i < batch; ++i) fits = data->dim(i) == indices->dim(i);
  if (!fits) {
    return BadInput("GatherND: indices of shape ", indices->shape().ToString(), " do not fit data of shape ", data->shape().ToString(),
                    " with batch_dims ", batch);
  }
  const int first = batch + static_cast<int>(depth);  // the slices' first axis
  Shape shape;
  for (int i = 0; i < indices->rank() - 1; ++i) shape.push_back(indices->dim(i));
  for (int i = first; i < data->rank(); ++i) shape.push_back(data->dim(i));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, data->dtype(), shape);
  if (out->size() == 0) return OkStatus();
  const Shape strides = RowMajorStrides(data->shape());
  const int64_t slice = data->shape().Product(first, data->rank());
  const int64_t tuples = out->size() / slice;
  const int64_t per_batch = tuples / indices->shape().Product(0, batch);
  for (int64_t i = 0; i < tuples; ++i) {
    int64_t place = i / per_batch * data->shape().Product(batch, data->rank());
    for (int64_t k = 0; k < depth; ++k) {
      const int axis = batch + static_cast<int>(k);
      const int64_t index = indices->data<int64_t>()[i * depth + k];
      const auto at = NormalizeIndex(index, data->dim(axis));
      if (!at) return BadInput("GatherND: index ", index, " is outside axis ", axis, " of shape ", data->shape().ToString());
      place += *at * strides[axis];
    }
    ops::CopyElements(*data, place, *out, i * slice, slice);
  }
  return OkStatus();
}

Status InferGatherND(InferContext& ctx) {
  const Type* data = ctx.tensor_type(0);
  if (data == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(data->dtype));
  const Dims* indices = ctx.input_shape(1);
  if (!data->shape || indices == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const int batch, BatchDims(ctx, data->rank(), static_cast<int>(indices->size())));
  if (!indices->back().known()) return OkStatus();
  const int64_t depth = indices->back().value;
  if (depth < 1 || depth > data->rank() - batch) {
    return BadInput("GatherND: indices of ", depth, " coordinates into data of rank ", data->rank(), " with batch_dims ", batch);
  }
  Dims dims(indices->begin(), indices->end() - 1);
  dims.insert(dims.end(), data->shape->begin() + batch + depth, data->shape->end());
  ctx.set_output_type(0, Type::TensorOf(data->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_GatherND = {.infer = InferGatherND, .run = RunGatherND};

}  // namespace samoyed
