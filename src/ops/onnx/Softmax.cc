// Softmax: exp(x) / sum(exp(x)) along an axis. https://onnx.ai/onnx/operators/onnx__Softmax.html
#include "ops/common/softmax.h"

#include <algorithm>
#include <cmath>

#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The operator is defined as a function of Sub, Exp, ReduceSum and Div, each of which rounds to the tensor's type: in 16 bits
// and less that can be seen, so it is done there. Wider types are rounded once.
double Step(DType dtype, double value) {
  return dtype == DType::kFloat16 || dtype == DType::kBfloat16 ? DecodeFloat(dtype, EncodeFloat(dtype, value, false)) : value;
}

Status RunSoftmax(KernelContext& ctx) {
  return ops::RunAlongAxis(ctx, [](const ops::AxisLine& line) {
    const auto [x, n, step, dtype] = line;
    double largest = x[0];
    for (int64_t i = 1; i < n; ++i) largest = std::max(largest, x[i * step]);
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      double& y = x[i * step];
      y = Step(dtype, std::exp(Step(dtype, y - largest)));
      sum += y;
    }
    sum = Step(dtype, sum);
    for (int64_t i = 0; i < n; ++i) x[i * step] /= sum;
  });
}

}  // namespace

extern const OpDef kOp_onnx_Softmax = {.infer = ops::InferAlongAxis, .run = RunSoftmax, .facts = {.in_place = true}};

}  // namespace samoyed
