// Softmax and LogSoftmax along an axis, in all versions: below 13 over all axes from `axis` on, taken as one.
#ifndef SAMOYED_OPS_COMMON_SOFTMAX_H_
#define SAMOYED_OPS_COMMON_SOFTMAX_H_

#include "ops/context.h"

namespace samoyed::ops {

// Calls line(x, n, step) for each line of n elements, `step` apart, that is normalised as one; output 0 is what it leaves there.
Status RunAlongAxis(KernelContext& ctx, FunctionRef<void(double* x, int64_t n, int64_t step)> line);
// Output 0 is like input 0; `axis` is checked.
Status InferAlongAxis(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_SOFTMAX_H_
