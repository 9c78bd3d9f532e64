// DynamicQuantizeLinear: to uint8 by a scale and zero point from the data's own range, stretched to hold 0.
// https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
#include <algorithm>
#include <cmath>

#include "ops/common/quantize.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferDynamicQuantizeLinear(InferContext& ctx) {
  const Dims* x = ctx.input_shape(0);
  ctx.set_output_type(0, x == nullptr ? Type::TensorOf(DType::kUint8) : Type::TensorOf(DType::kUint8, *x));
  ctx.set_output_type(1, Type::TensorOf(DType::kFloat, Dims{}));
  ctx.set_output_type(2, Type::TensorOf(DType::kUint8, Dims{}));
  return OkStatus();
}

Status RunDynamicQuantizeLinear(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->dtype() != DType::kFloat) return BadInput("DynamicQuantizeLinear needs float, got ", NameOf(x->dtype()));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kUint8, x->shape());
  SAMOYED_ALLOCATE_OUTPUT(y_scale, ctx, 1, DType::kFloat, Shape{});
  SAMOYED_ALLOCATE_OUTPUT(y_zero, ctx, 2, DType::kUint8, Shape{});
  float low = 0, high = 0;
  for (float v : x->span<float>()) low = std::min(low, v), high = std::max(high, v);
  const auto [scale, zero_point] = ops::DynamicQuantizer::Over({low, high});
  for (int64_t i = 0; i < x->size(); ++i) {
    const float steps = std::nearbyint(x->data<float>()[i] / scale) + static_cast<float>(zero_point);
    y->mutable_data<uint8_t>()[i] = std::isnan(steps) ? zero_point : static_cast<uint8_t>(std::clamp(steps, 0.0f, 255.0f));
  }
  y_scale->mutable_data<float>()[0] = scale;
  y_zero->mutable_data<uint8_t>()[0] = zero_point;
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_DynamicQuantizeLinear = {.infer = InferDynamicQuantizeLinear, .run = RunDynamicQuantizeLinear};

}  // namespace samoyed
