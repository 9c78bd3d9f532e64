// Normalisation of channels in groups.
#ifndef SAMOYED_OPS_COMMON_NORMALISE_H_
#define SAMOYED_OPS_COMMON_NORMALISE_H_

#include "ops/context.h"

namespace samoyed::ops {

// Output 0 = scale (x - mean) / sqrt(variance + epsilon) + bias for input 0 [N, C, ...], with the statistics of each of `groups` groups of
// channels of each item. Inputs 1 and 2 have an element a channel, or a group where `by_group`.
Status RunGroupNormalization(KernelContext& ctx, int64_t groups, bool by_group);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_NORMALISE_H_
