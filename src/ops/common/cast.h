// The conversion between any two element types: Cast and CastLike.
#ifndef SAMOYED_OPS_COMMON_CAST_H_
#define SAMOYED_OPS_COMMON_CAST_H_

#include "ops/context.h"

namespace samoyed::ops {

// Output 0 = input 0 converted to `to`, by the node's attributes saturate and round_mode.
Status RunCastTo(KernelContext& ctx, DType to);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_CAST_H_
