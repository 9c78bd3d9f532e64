// SoftmaxCrossEntropyLoss: the negative log likelihood of the softmax over classes (axis 1); optionally its logarithm, too.
// https://onnx.ai/onnx/operators/onnx__SoftmaxCrossEntropyLoss.html
#include <algorithm>
#include <cmath>

#include "ops/common/loss.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The logarithm of the softmax of n elements, `step` apart; the largest is taken off so that nothing overflows.
void LogSoftmaxLine(double* x, int64_t n, int64_t step) {
  double largest = x[0];
  for (int64_t i = 1; i < n; ++i) largest = std::max(largest, x[i * step]);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += std::exp(x[i * step] - largest);
  const double log_sum = largest + std::log(sum);
  for (int64_t i = 0; i < n; ++i) x[i * step] -= log_sum;
}

Status RunSoftmaxCrossEntropyLoss(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::LossInputs in, ops::ReadLoss(ctx));
  std::vector<double> values = LoadAll<double>(*in.scores);
  for (int64_t n = 0; n < in.batch && in.classes > 0; ++n) {
    for (int64_t d = 0; d < in.area; ++d) LogSoftmaxLine(values.data() + n * in.classes * in.area + d, in.classes, in.area);
  }
  if (ctx.num_outputs() > 1 && ctx.wants_output(1)) {
    SAMOYED_ALLOCATE_OUTPUT(log_prob, ctx, 1, in.scores->dtype(), in.scores->shape());
    StoreAll(*log_prob, values);
  }
  return ops::StoreLoss(ctx, in, values);
}

}  // namespace

extern const OpDef kOp_onnx_SoftmaxCrossEntropyLoss = {.infer = ops::InferLoss, .run = RunSoftmaxCrossEntropyLoss};

}  // namespace samoyed
