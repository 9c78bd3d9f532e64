// LogSoftmax: log(softmax(x)) along an axis. https://onnx.ai/onnx/operators/onnx__LogSoftmax.html
#include <algorithm>
#include <cmath>

#include "ops/common/softmax.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunLogSoftmax(KernelContext& ctx) {
  return ops::RunAlongAxis(ctx, [](const ops::AxisLine& line) {
    const auto [x, n, step, dtype] = line;
    double largest = x[0];
    for (int64_t i = 1; i < n; ++i) largest = std::max(largest, x[i * step]);
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += std::exp(x[i * step] - largest);
    for (int64_t i = 0; i < n; ++i) x[i * step] = x[i * step] - largest - std::log(sum);
  });
}

}  // namespace

extern const OpDef kOp_onnx_LogSoftmax = {.infer = ops::InferAlongAxis, .run = RunLogSoftmax, .facts = {.in_place = true}};

}  // namespace samoyed
