// ConvInteger: convolution of bytes with zero points (of W: one, or one an output channel) into int32.
// https://onnx.ai/onnx/operators/onnx__ConvInteger.html
#include "ops/common/convolution.h"
#include "ops/common/quantize.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferConvInteger(InferContext& ctx) { return ops::InferConvolution(ctx, 0, 1, DType::kInt32); }

Status RunConvInteger(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Convolution conv, ops::PlanConvolution(ctx, x->shape(), w->shape()));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> xs, ops::LoadCentred(ctx, *x, ctx.input(2), -1));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> ws, ops::LoadCentred(ctx, *w, ctx.input(3), 0));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kInt32, conv.output_shape());
  return ops::RunConvolution(ctx, conv, xs, ws, [&](int64_t plane, std::vector<double>& values) {
    const std::vector<int64_t> integers(values.begin(), values.end());  // sums of bytes' products: exact
    const auto n = static_cast<int64_t>(values.size());
    Store(*y, plane * n, n, integers.data());
  });
}

double ConvIntegerFlops(const Attributes&, std::span<const Shape> inputs, std::span<const Shape> outputs) {
  return ops::ConvolutionFlops(inputs, outputs, 1);
}

}  // namespace

extern const OpDef kOp_onnx_ConvInteger = {.infer = InferConvInteger, .run = RunConvInteger, .flops = ConvIntegerFlops};

}  // namespace samoyed
