// ScatterND: data with slices replaced (or combined) by updates; the last axis of indices holds the leading coordinates.
// https://onnx.ai/onnx/operators/onnx__ScatterND.html
#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/infer.h"
#include "ops/common/scatter.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// updates has the shape indices.shape[:-1] + data.shape[k:], k = indices.shape[-1].
Status CheckShapes(const Tensor& data, const Tensor& indices, const Tensor& updates) {
  if (indices.dtype() != DType::kInt64) return BadInput("ScatterND: indices must be int64, not ", NameOf(indices.dtype()));
  if (data.rank() == 0 || indices.rank() == 0) return BadInput("ScatterND needs data and indices of rank 1 or more");
  const int64_t depth = indices.shape().back();
  if (depth > data.rank()) {
    return BadInput("ScatterND: indices of ", depth, " coordinates into data of shape ", data.shape().ToString());
  }
  Shape expected;
  for (int i = 0; i < indices.rank() - 1; ++i) expected.push_back(indices.dim(i));
  for (int i = static_cast<int>(depth); i < data.rank(); ++i) expected.push_back(data.dim(i));
  if (updates.shape() == expected) return OkStatus();
  return BadInput("ScatterND: updates have shape ", updates.shape().ToString(), " instead of ", expected.ToString());
}

Status RunScatterND(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* data, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* updates, RequireInput(ctx, 2));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Reduction reduction, ops::ReductionOf(ctx));
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *data, *updates));
  SAMOYED_RETURN_IF_ERROR(CheckShapes(*data, *indices, *updates));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, data->dtype(), data->shape());
  ops::CopyElements(*data, 0, *out, 0, data->size());
  if (updates->size() == 0) return OkStatus();
  const int depth = static_cast<int>(indices->shape().back());
  const int64_t slice = data->shape().Product(depth, data->rank());
  const Shape strides = RowMajorStrides(data->shape());
  for (int64_t i = 0; i < updates->size() / slice; ++i) {
    int64_t place = 0;
    for (int k = 0; k < depth; ++k) {
      const int64_t index = indices->data<int64_t>()[i * depth + k];
      const auto at = NormalizeIndex(index, data->dim(k));
      if (!at) return BadInput("ScatterND: index ", index, " is outside axis ", k, " of shape ", data->shape().ToString());
      place += *at * strides[k];
    }
    SAMOYED_RETURN_IF_ERROR(ops::ReduceElements(reduction, *updates, i * slice, *out, place, slice));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_ScatterND = {.infer = ops::InferSameAsInput, .run = RunScatterND};

}  // namespace samoyed
