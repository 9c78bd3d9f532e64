// Running sums and products along an axis: CumSum and CumProd.
#ifndef SAMOYED_OPS_COMMON_CUMULATE_H_
#define SAMOYED_OPS_COMMON_CUMULATE_H_

#include "ops/context.h"

namespace samoyed::ops {

// Output 0 = input 0 cumulated along the axis in input 1 by `floats` or `integers` from `start` on; attributes exclusive and reverse.
Status RunCumulate(KernelContext& ctx, int start, double (*floats)(double, double), uint64_t (*integers)(uint64_t, uint64_t));

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_CUMULATE_H_
