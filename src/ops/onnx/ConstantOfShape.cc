// ConstantOfShape: a tensor of the shape in input 0, filled with one value (0 of type float by default).
// https://onnx.ai/onnx/operators/onnx__ConstantOfShape.html
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Result<Tensor> ValueOf(const NodeContext& ctx) {
  const Tensor* value = ctx.attributes().TensorOf("value");
  if (value == nullptr) return Tensor::Scalar<float>(0);
  if (value->size() != 1) return BadInput("ConstantOfShape: value has shape ", value->shape().ToString(), ", not one element");
  return *value;
}

Status RunConstantOfShape(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* dims, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints shape, ops::ReadInts(*dims, "ConstantOfShape: shape"));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor value, ValueOf(ctx));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, value.dtype(), Shape(std::span<const int64_t>(shape)));
  ops::FillElements(value, 0, *out, 0, out->size());
  return OkStatus();
}

Status InferConstantOfShape(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor value, ValueOf(ctx));
  Dims dims;
  if (const ops::KnownInts known = ops::InferInts(ctx, "", 0); known.values) {
    for (int64_t d : *known.values) {
      if (d < 0) return BadInput("ConstantOfShape: ", d, " is no size");
      dims.push_back(Dim(d));
    }
  } else if (!ctx.input_dims(0, &dims)) {
    const Dims* length = ctx.input_shape(0);
    if (length == nullptr || length->size() != 1 || !(*length)[0].known() || (*length)[0].value > 1024) {
      ctx.set_output_type(0, Type::TensorOf(value.dtype()));
      return OkStatus();
    }
    dims = ops::UnknownDims(static_cast<int>((*length)[0].value));
  }
  const bool is_list = dims.size() == 1 && dims[0].known() && dims[0].value <= 64;
  if (is_list && (value.dtype() == DType::kInt64 || value.dtype() == DType::kInt32) && At<int64_t>(value) >= 0) {
    ctx.set_output_dims(0, Dims(static_cast<size_t>(dims[0].value), Dim(At<int64_t>(value))));
  }
  ctx.set_output_type(0, Type::TensorOf(value.dtype(), std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_ConstantOfShape = {.infer = InferConstantOfShape, .run = RunConstantOfShape};

}  // namespace samoyed
