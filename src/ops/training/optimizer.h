// What Momentum, Adam and Adagrad share: one step of an optimizer over any number of tensors. Inputs are the learning rate, the count of
// steps so far, then all tensors x, all their gradients, and each kind of state; outputs are all new x, then each kind of new state.
#ifndef SAMOYED_OPS_TRAINING_OPTIMIZER_H_
#define SAMOYED_OPS_TRAINING_OPTIMIZER_H_

#include "ops/context.h"

namespace samoyed::ops {

// One element: x and its states are replaced by the new ones.
struct OptimizerElement {
  double x, gradient;
  double state[2];
};

// update(rate, t, element) for every element of every tensor; `states` is 1 or 2. All in double, rounded once.
Status RunOptimizer(KernelContext& ctx, int states, FunctionRef<void(double rate, int64_t t, OptimizerElement& e)> update);
Status InferOptimizer(InferContext& ctx, int states);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_TRAINING_OPTIMIZER_H_
