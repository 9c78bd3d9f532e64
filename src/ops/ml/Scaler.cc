// Scaler: (x - offset) * scale, each one number for all or one a feature (the last axis).
// https://onnx.ai/onnx/operators/onnx_aionnxml_Scaler.html
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferScaler(InferContext& ctx) {
  Type out = Type::TensorOf(DType::kFloat);
  if (const Dims* x = ctx.input_shape(0)) out.shape = *x;
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

Status RunScaler(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->rank() == 0 || x->dtype() == DType::kString)
    return BadInput("Scaler needs numbers of at least one axis, got ", NameOf(x->dtype()), x->shape().ToString());
  const std::span<const float> offset = ctx.attributes().Floats("offset"), scale = ctx.attributes().Floats("scale");
  const auto width = static_cast<size_t>(x->shape().back());
  if (scale.empty() || scale.size() != offset.size() || (scale.size() != 1 && scale.size() != width)) {
    return BadInput("Scaler: ", scale.size(), " scales and ", offset.size(), " offsets do not fit ", width, " features");
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kFloat, x->shape());
  std::vector<double> values = LoadAll<double>(*x);
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t k = scale.size() == 1 ? 0 : i % width;
    values[i] = (values[i] - static_cast<double>(offset[k])) * static_cast<double>(scale[k]);
  }
  StoreAll(*out, values);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_Scaler = {.infer = InferScaler, .run = RunScaler};

}  // namespace samoyed
