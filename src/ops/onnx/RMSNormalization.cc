// RMSNormalization: x / sqrt(mean of x^2 over the axes from `axis` on + epsilon) * scale.
// https://onnx.ai/onnx/operators/onnx__RMSNormalization.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunRmsNormalization(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, RequireInput(ctx, 1));
  if (!IsFloat(x->dtype()) || !IsFloat(scale->dtype()))
    return BadInput("RMSNormalization needs floats, got ", NameOf(x->dtype()), " and ", NameOf(scale->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), x->rank()));
  SAMOYED_ASSIGN_OR_RETURN(const Shape joint, BroadcastShapes(x->shape(), scale->shape()));
  if (!(joint == x->shape()))
    return BadInput("RMSNormalization: a scale of shape ", scale->shape().ToString(), " does not broadcast to ", x->shape().ToString());
  const double epsilon = ctx.attributes().Float("epsilon", 1e-5f);
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, scale->dtype(), x->shape());
  std::vector<double> values = LoadAll<double>(*x);
  const std::vector<double> factors = LoadAll<double>(*scale);
  const int64_t n = x->shape().Product(axis, x->rank());
  for (int64_t row = 0; n > 0 && row < x->size() / n; ++row) {
    double* line = values.data() + row * n;
    double squares = 0;
    for (int64_t i = 0; i < n; ++i) squares += line[i] * line[i];
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(n) + epsilon);
    for (int64_t i = 0; i < n; ++i) line[i] *= inverse;
  }
  const Shape strides[] = {ops::BroadcastStrides(scale->shape(), x->shape())};
  const int64_t inner = x->rank() == 0 ? 1 : x->shape().back(), step = x->rank() == 0 ? 0 : strides[0].back();
  ops::ForEachRow(x->shape(), strides, [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < inner; ++i) values[static_cast<size_t>(at + i)] *= factors[static_cast<size_t>(from[0] + i * step)];
  });
  StoreAll(*y, values);
  return OkStatus();
}

// The output has the scale's element type.
Status InferRmsNormalization(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferSameAsInput(ctx));
  const Type* x = ctx.tensor_type(0);
  if (x == nullptr || ctx.input_dtype(1) == DType::kUndefined) return OkStatus();
  Type out = *x;
  out.dtype = ctx.input_dtype(1);
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_RMSNormalization = {.infer = InferRmsNormalization, .run = RunRmsNormalization};

}  // namespace samoyed
