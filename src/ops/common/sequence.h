// Sequences: what the Sequence operators share.
#ifndef SAMOYED_OPS_COMMON_SEQUENCE_H_
#define SAMOYED_OPS_COMMON_SEQUENCE_H_

#include <memory>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

Result<const Sequence*> RequireSequence(const KernelContext& ctx, int i);
// Input i as a place among `size`, negative ones from the end; an error outside [-size, size).
Result<int64_t> RequirePosition(const KernelContext& ctx, int i, int64_t size);
// Output 0 is a sequence of these.
void SetSequence(KernelContext& ctx, std::vector<Value> items);

// The element type of input i, or an unknown type.
Type ElementType(const InferContext& ctx, int i);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_SEQUENCE_H_
