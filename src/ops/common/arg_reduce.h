// ArgMax and ArgMin: where the best element along an axis is.
#ifndef SAMOYED_OPS_COMMON_ARG_REDUCE_H_
#define SAMOYED_OPS_COMMON_ARG_REDUCE_H_

#include "ops/context.h"

namespace samoyed::ops {

// sign = 1 looks for the largest element, -1 for the smallest; the first of equals, the last with select_last_index.
Status RunArgReduce(KernelContext& ctx, int sign);
Status InferArgReduce(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_ARG_REDUCE_H_
