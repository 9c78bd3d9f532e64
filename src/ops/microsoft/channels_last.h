// Operators that take channels as the last axis where the standard has them as the second.
#ifndef SAMOYED_OPS_MICROSOFT_CHANNELS_LAST_H_
#define SAMOYED_OPS_MICROSOFT_CHANNELS_LAST_H_

#include "ops/common/call.h"

namespace samoyed::ops {

// [N, spatial..., C] as [N, C, spatial...], and back. Types of unknown or too small rank stay as they are.
Result<Tensor> ChannelsToFront(KernelContext& ctx, const Tensor& x);
Result<Tensor> ChannelsToBack(KernelContext& ctx, const Tensor& x);
Type ChannelsToFront(Type type);
Type ChannelsToBack(Type type);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_MICROSOFT_CHANNELS_LAST_H_
