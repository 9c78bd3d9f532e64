// QuantizeLinear: y = saturate(round_half_even(x / scale) + zero_point), per tensor, axis or block; into a narrow float type the
// quotient is rounded to that type. https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html
#include <cmath>

#include "ops/common/quantize.h"
#include "ops/common/quantize_blocks.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The zero point's type, else the attribute output_dtype, else uint8.
DType OutputType(const NodeContext& ctx, DType zero_point) {
  if (zero_point != DType::kUndefined) return zero_point;
  const int64_t wanted = ctx.attributes().Int("output_dtype", 0);
  return IsValidDType(wanted) ? static_cast<DType>(wanted) : DType::kUint8;
}

Status InferQuantizeLinear(InferContext& ctx) {
  const DType dtype = OutputType(ctx, ctx.input_type(2) == nullptr ? DType::kUndefined : ctx.input_dtype(2));
  const Dims* x = ctx.input_shape(0);
  ctx.set_output_type(0, x == nullptr ? Type::TensorOf(dtype) : Type::TensorOf(dtype, *x));
  return OkStatus();
}

// The quotient x / scale in the precision that the attribute or the types ask for.
double Quotient(DType precision, double x, double scale) {
  return precision == DType::kDouble ? x / scale : ops::RoundToType(precision, ops::RoundToType(precision, x) / ops::RoundToType(precision, scale));
}

void StoreFloats(std::vector<double>& values, bool saturate, Tensor& y) {
  const int width = BitWidth(y.dtype());
  if (saturate || width != 8) return StoreAll(y, values);
  for (size_t i = 0; i < values.size(); ++i) y.mutable_data<uint8_t>()[i] = static_cast<uint8_t>(EncodeFloat(y.dtype(), values[i], false));
}

Status RunQuantizeLinear(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, RequireInput(ctx, 1));
  const Tensor* zero = ctx.input(2);
  if (!IsFloat(scale->dtype()) && !IsInteger(scale->dtype())) return BadInput("QuantizeLinear: a scale of type ", NameOf(scale->dtype()));
  if (zero != nullptr && zero->size() != scale->size()) {
    return BadInput("QuantizeLinear: ", scale->size(), " scales, but ", zero->size(), " zero points");
  }
  const DType dtype = OutputType(ctx, zero == nullptr ? DType::kUndefined : zero->dtype());
  if (dtype != DType::kUndefined && !IsFloat(dtype) && !IsInteger(dtype)) return BadInput("QuantizeLinear cannot make ", NameOf(dtype));
  SAMOYED_ASSIGN_OR_RETURN(const ops::QuantizationMap map, ops::QuantizationMap::Make(ctx, x->shape(), scale->shape()));
  const int64_t chosen = ctx.attributes().Int("precision", 0);
  DType precision = IsValidDType(chosen) ? static_cast<DType>(chosen) : scale->dtype();
  if (!IsFloat(precision)) precision = DType::kFloat;
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, dtype, x->shape());
  const std::vector<double> scales = LoadAll<double>(*scale);
  const std::vector<double> zeros = zero == nullptr ? std::vector<double>(scales.size(), 0) : LoadAll<double>(*zero);
  std::vector<double> values = LoadAll<double>(*x);
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t k = map[static_cast<int64_t>(i)];
    const double quotient = Quotient(precision, values[i], scales[k]);
    values[i] = IsFloat(dtype) ? quotient + zeros[k] : std::nearbyint(quotient) + zeros[k];
    if (IsInteger(dtype) && std::isnan(values[i])) values[i] = zeros[k];
  }
  if (IsFloat(dtype)) {
    StoreFloats(values, ctx.attributes().Int("saturate", 1) != 0, *y);
  } else {
    StoreAll(*y, values);  // clamps to the type's range
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_QuantizeLinear = {.infer = InferQuantizeLinear, .run = RunQuantizeLinear};

}  // namespace samoyed
