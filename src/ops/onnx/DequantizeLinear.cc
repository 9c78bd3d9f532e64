// DequantizeLinear: y = (x - zero_point) * scale, per tensor, axis or block. https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
#include "ops/common/quantize_blocks.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

DType OutputType(const NodeContext& ctx, DType scale) {
  const int64_t wanted = ctx.attributes().Int("output_dtype", 0);
  return IsValidDType(wanted) ? static_cast<DType>(wanted) : scale;
}

Status InferDequantizeLinear(InferContext& ctx) {
  const DType dtype = OutputType(ctx, ctx.input_type(1) == nullptr ? DType::kFloat : ctx.input_dtype(1));
  const Dims* x = ctx.input_shape(0);
  ctx.set_output_type(0, x == nullptr ? Type::TensorOf(dtype) : Type::TensorOf(dtype, *x));
  return OkStatus();
}

Status RunDequantizeLinear(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, RequireInput(ctx, 1));
  const Tensor* zero = ctx.input(2);
  if (!IsFloat(scale->dtype()) || x->dtype() == DType::kString) return BadInput("DequantizeLinear: a scale of type ", NameOf(scale->dtype()));
  if (zero != nullptr && zero->size() != scale->size()) {
    return BadInput("DequantizeLinear: ", scale->size(), " scales, but ", zero->size(), " zero points");
  }
  SAMOYED_ASSIGN_OR_RETURN(const ops::QuantizationMap map, ops::QuantizationMap::Make(ctx, x->shape(), scale->shape()));
  const DType dtype = OutputType(ctx, scale->dtype());
  if (!IsFloat(dtype)) return BadInput("DequantizeLinear: output_dtype ", NameOf(dtype), " is no float type");
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, dtype, x->shape());
  const std::vector<double> scales = LoadAll<double>(*scale);
  const std::vector<double> zeros = zero == nullptr ? std::vector<double>(scales.size(), 0) : LoadAll<double>(*zero);
  std::vector<double> values = LoadAll<double>(*x);
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t k = map[static_cast<int64_t>(i)];
    values[i] = (values[i] - zeros[k]) * scales[k];
  }
  StoreAll(*y, values);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_DequantizeLinear = {.infer = InferDequantizeLinear, .run = RunDequantizeLinear};

}  // namespace samoyed
