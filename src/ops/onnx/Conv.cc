// Conv: y[n, m] = sum over c of x[n, c] * w[m, c] (cross-correlation) + b[m], in groups of channels.
// https://onnx.ai/onnx/operators/onnx__Conv.html
#include "ops/common/convolution.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferConv(InferContext& ctx) { return ops::InferConvolution(ctx, 0, 1, ctx.input_dtype(0)); }

Status RunConv(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, 1));
  const Tensor* b = ctx.input(2);
  if (!IsFloat(x->dtype()) || !IsFloat(w->dtype())) return BadInput("Conv needs floats, got ", NameOf(x->dtype()), " and ", NameOf(w->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Convolution conv, ops::PlanConvolution(ctx, x->shape(), w->shape()));
  if (b != nullptr && (b->rank() != 1 || b->dim(0) != conv.out_channels)) {
    return BadInput("Conv: bias of shape ", b->shape().ToString(), " for ", conv.out_channels, " output channels");
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), conv.output_shape());
  const std::vector<double> bias = b == nullptr ? std::vector<double>(static_cast<size_t>(conv.out_channels)) : LoadAll<double>(*b);
  return ops::RunConvolution(ctx, conv, LoadAll<double>(*x), LoadAll<double>(*w), [&](int64_t plane, std::vector<double>& values) {
    const double add = bias[static_cast<size_t>(plane % conv.out_channels)];
    for (double& v : values) v += add;
    const auto n = static_cast<int64_t>(values.size());
    Store(*y, plane * n, n, values.data());
  });
}

double ConvFlops(const Attributes&, std::span<const Shape> inputs, std::span<const Shape> outputs) {
  return ops::ConvolutionFlops(inputs, outputs, 1);
}

}  // namespace

extern const OpDef kOp_onnx_Conv = {
    .infer = InferConv,
    .run = RunConv,
    .facts = {.takes_epilogue = true},
    .tolerance = {.rtol = 1e-4, .atol = 1e-5},
    .flops = ConvFlops,
};

}  // namespace samoyed
