// Softmax and LogSoftmax along an axis, in all versions: below 13 over all axes from `axis` on, taken as one.
#ifndef SAMOYED_OPS_COMMON_SOFTMAX_H_
#define SAMOYED_OPS_COMMON_SOFTMAX_H_

#include "ops/context.h"

namespace samoyed::ops {

// n elements, `step` apart, that are normalised as one.
struct AxisLine {
  double* x;
  int64_t n, step;
  DType dtype;  // of the tensor that they are from and go to
};
// Calls line for each line of input 0; output 0 is what it leaves there.
Status RunAlongAxis(KernelContext& ctx, FunctionRef<void(const AxisLine&)> line);
// Output 0 is like input 0; `axis` is checked.
Status InferAlongAxis(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_SOFTMAX_H_
