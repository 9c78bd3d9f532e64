// The losses over classes: NegativeLogLikelihoodLoss, and SoftmaxCrossEntropyLoss, which is that of a log-softmax.
#ifndef SAMOYED_OPS_COMMON_LOSS_H_
#define SAMOYED_OPS_COMMON_LOSS_H_

#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// Checked inputs of a loss: scores [N, C, D1, ...], targets [N, D1, ...] (classes below C, or ignore_index), optional weights [C].
struct LossInputs {
  const Tensor* scores;
  int64_t batch, classes, area;  // N, C, D1 * D2 * ...
  std::vector<int64_t> targets;  // -1 where ignored
  std::vector<double> weights;   // one a class; ones when absent
};
Result<LossInputs> ReadLoss(const KernelContext& ctx);

// Output 0: -weight[target] log_probability[target], reduced as attribute `reduction` says. A mean is divided by the sum of the
// weights that took part (0 / 0 is NaN, as in the standard's definition by operators).
Status StoreLoss(KernelContext& ctx, const LossInputs& in, const std::vector<double>& log_probabilities);

Status InferLoss(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_LOSS_H_
