// QLinearConv: convolution of quantised tensors; W has one scale and zero point, or one an output channel; the bias is int32
// with scale x_scale * w_scale. https://onnx.ai/onnx/operators/onnx__QLinearConv.html
#include "ops/common/convolution.h"
#include "ops/common/quantize.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kX, kXScale, kXZero, kW, kWScale, kWZero, kYScale, kYZero, kB };

Status InferQLinearConv(InferContext& ctx) {
  const DType dtype = ctx.input_type(kYZero) != nullptr ? ctx.input_dtype(kYZero) : ctx.input_dtype(kX);
  return ops::InferConvolution(ctx, kX, kW, dtype);
}

Status RunQLinearConv(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, kX));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, kW));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w_scale, RequireInput(ctx, kWScale));
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer qx, ops::QuantizerAt(ctx, kXScale, kXZero));
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer qy, ops::QuantizerAt(ctx, kYScale, kYZero));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Convolution conv, ops::PlanConvolution(ctx, x->shape(), w->shape()));
  const Tensor* b = ctx.input(kB);
  if (b != nullptr && (b->rank() != 1 || b->dim(0) != conv.out_channels)) {
    return BadInput("QLinearConv: bias of shape ", b->shape().ToString(), " for ", conv.out_channels, " output channels");
  }
  if (w_scale->size() != 1 && (w_scale->rank() != 1 || w_scale->dim(0) != conv.out_channels)) {
    return BadInput("QLinearConv: w_scale of shape ", w_scale->shape().ToString(), " for ", conv.out_channels, " output channels");
  }
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> xs, ops::LoadCentred(ctx, *x, ctx.input(kXZero), -1));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> ws, ops::LoadCentred(ctx, *w, ctx.input(kWZero), 0));
  const std::vector<double> scales = LoadAll<double>(*w_scale);
  const std::vector<double> bias = b == nullptr ? std::vector<double>(static_cast<size_t>(conv.out_channels)) : LoadAll<double>(*b);
  const DType dtype = ctx.input(kYZero) != nullptr ? ctx.input(kYZero)->dtype() : x->dtype();
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, dtype, conv.output_shape());
  const ops::IntegerRange range = ops::RangeOf(dtype);
  return ops::RunConvolution(ctx, conv, xs, ws, [&](int64_t plane, std::vector<double>& values) {
    const auto m = static_cast<size_t>(plane % conv.out_channels);
    const float factor = ops::RequantizeFactor(qx.scale, scales[scales.size() == 1 ? 0 : m], qy.scale);
    std::vector<int64_t> quantised(values.size());
    for (size_t i = 0; i < values.size(); ++i) quantised[i] = range.Clamp(ops::Requantize(values[i] + bias[m], factor, qy.zero_point));
    const auto n = static_cast<int64_t>(values.size());
    Store(*y, plane * n, n, quantised.data());
  });
}

double QLinearConvFlops(const Attributes&, std::span<const Shape> inputs, std::span<const Shape> outputs) {
  return ops::ConvolutionFlops(inputs, outputs, kW);
}

}  // namespace

extern const OpDef kOp_onnx_QLinearConv = {.infer = InferQLinearConv, .run = RunQLinearConv, .flops = QLinearConvFlops};

}  // namespace samoyed
