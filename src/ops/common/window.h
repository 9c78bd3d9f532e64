// Window functions: a sum of cosines over [0, size).
#ifndef SAMOYED_OPS_COMMON_WINDOW_H_
#define SAMOYED_OPS_COMMON_WINDOW_H_

#include "ops/context.h"

namespace samoyed::ops {

// w[n] = a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N), with N the size (periodic) or one less.
Status RunWindow(KernelContext& ctx, double a0, double a1, double a2);
Status InferWindow(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_WINDOW_H_
