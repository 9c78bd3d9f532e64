// Gather: slices of the data along an axis, in the order of indices. https://onnx.ai/onnx/operators/onnx__Gather.html
#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/scatter.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status RunGather(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* data, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), data->rank()));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int64_t> places, ops::ReadIndices(ctx, *indices, data->dim(axis)));
  Shape shape;
  for (int i = 0; i < axis; ++i) shape.push_back(data->dim(i));
  for (int64_t d : indices->shape()) shape.push_back(d);
  for (int i = axis + 1; i < data->rank(); ++i) shape.push_back(data->dim(i));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, data->dtype(), shape);
  if (out->size() == 0) return OkStatus();
  const int64_t outer = data->shape().Product(0, axis);
  const int64_t inner = data->shape().Product(axis + 1, data->rank());
  int64_t at = 0;
  for (int64_t i = 0; i < outer; ++i) {
    for (int64_t place : places) {
      ops::CopyElements(*data, (i * data->dim(axis) + place) * inner, *out, at, inner);
      at += inner;
    }
  }
  return OkStatus();
}

// Picking dimensions out of a shape.
void PropagateGather(InferContext& ctx) {
  Dims content;
  const Dims* shape = ctx.input_shape(0);
  const Tensor* indices = ctx.input_constant(1);
  if (shape == nullptr || shape->size() != 1 || indices == nullptr || indices->rank() > 1 || !IsInteger(indices->dtype())) return;
  if (!ctx.input_dims(0, &content)) return;
  Dims picked;
  for (int64_t index : LoadAll<int64_t>(*indices)) {
    const auto place = NormalizeIndex(index, static_cast<int64_t>(content.size()));
    if (!place) return;
    picked.push_back(content[static_cast<size_t>(*place)]);
  }
  ctx.set_output_dims(0, std::move(picked));
}

Status InferGather(InferContext& ctx) {
  const Type* data = ctx.tensor_type(0);
  if (data == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(data->dtype));
  const Dims* indices = ctx.input_shape(1);
  if (!data->shape || indices == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), data->rank()));
  Dims dims(data->shape->begin(), data->shape->begin() + axis);
  dims.insert(dims.end(), indices->begin(), indices->end());
  dims.insert(dims.end(), data->shape->begin() + axis + 1, data->shape->end());
  PropagateGather(ctx);
  ctx.set_output_type(0, Type::TensorOf(data->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Gather = {.infer = InferGather, .run = RunGather};

}  // namespace samoyed
