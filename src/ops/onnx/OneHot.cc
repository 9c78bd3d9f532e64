// OneHot: an axis of `depth` elements for each index, "on" where the index points and "off" elsewhere.
// https://onnx.ai/onnx/operators/onnx__OneHot.html
#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status CheckArguments(const Tensor& indices, const Tensor& depth, const Tensor& values) {
  for (const Tensor* t : {&indices, &depth}) {
    if (!IsFloat(t->dtype()) && !IsInteger(t->dtype()))
      return BadInput("OneHot: indices and depth must be numbers, not ", NameOf(t->dtype()));
  }
  if (depth.size() != 1 || depth.rank() > 1) return BadInput("OneHot: depth has shape ", depth.shape().ToString(), ", not one element");
  if (values.rank() != 1 || values.size() != 2) return BadInput("OneHot: values has shape ", values.shape().ToString(), ", not [2]");
  return OkStatus();
}

Status RunOneHot(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* depth_tensor, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* values, RequireInput(ctx, 2));
  SAMOYED_RETURN_IF_ERROR(CheckArguments(*indices, *depth_tensor, *values));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), indices->rank() + 1));
  const auto depth = At<int64_t>(*depth_tensor);
  if (depth < 0) return BadInput("OneHot: depth is ", depth);
  Shape shape;
  for (int i = 0; i < axis; ++i) shape.push_back(indices->dim(i));
  shape.push_back(depth);
  for (int i = axis; i < indices->rank(); ++i) shape.push_back(indices->dim(i));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, values->dtype(), shape);
  if (out->size() == 0) return OkStatus();
  ops::FillElements(*values, 0, *out, 0, out->size());
  const int64_t inner = indices->shape().Product(axis, indices->rank());
  for (int64_t i = 0; i < indices->size(); ++i) {
    const auto place = NormalizeIndex(At<int64_t>(*indices, i), depth);
    if (place) ops::CopyElements(*values, 1, *out, (i / inner * depth + *place) * inner + i % inner, 1);
  }
  return OkStatus();
}

Status InferOneHot(InferContext& ctx) {
  const Type* values = ctx.tensor_type(2);
  if (values == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(values->dtype));
  const Dims* indices = ctx.input_shape(0);
  if (indices == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), static_cast<int>(indices->size()) + 1));
  Dims dims = *indices;
  Dim depth;
  Dims content;
  if (const Tensor* constant = ctx.input_constant(1); constant != nullptr && constant->size() == 1) {
    const auto value = At<int64_t>(*constant);
    if (value < 0) return BadInput("OneHot: depth is ", value);
    depth = Dim(value);
  } else if (ctx.input_dims(1, &content) && content.size() == 1) {
    depth = content[0];
  }
  dims.insert(dims.begin() + axis, depth);
  ctx.set_output_type(0, Type::TensorOf(values->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_OneHot = {.infer = InferOneHot, .run = RunOneHot};

}  // namespace samoyed
