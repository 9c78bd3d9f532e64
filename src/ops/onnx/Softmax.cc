// Softmax: exp(x) / sum(exp(x)) along an axis. https://onnx.ai/onnx/operators/onnx__Softmax.html
#include <algorithm>
#include <cmath>

#include "ops/common/softmax.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSoftmax(KernelContext& ctx) {
  return ops::RunAlongAxis(ctx, [](double* x, int64_t n, int64_t step) {
    double largest = x[0];
    for (int64_t i = 1; i < n; ++i) largest = std::max(largest, x[i * step]);
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += std::exp(x[i * step] - largest);
    for (int64_t i = 0; i < n; ++i) x[i * step] = std::exp(x[i * step] - largest) / sum;
  });
}

}  // namespace

extern const OpDef kOp_onnx_Softmax = {.infer = ops::InferAlongAxis, .run = RunSoftmax, .facts = {.in_place = true}};

}  // namespace samoyed
