// What the Gather and Scatter operators share: checked indices, and updates that are combined with what is there.
#ifndef SAMOYED_OPS_COMMON_SCATTER_H_
#define SAMOYED_OPS_COMMON_SCATTER_H_

#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// All elements of an int32 or int64 tensor, each in [-size, size), counted from the front.
Result<std::vector<int64_t>> ReadIndices(const NodeContext& ctx, const Tensor& indices, int64_t size);

enum class Reduction : uint8_t { kNone, kAdd, kMul, kMin, kMax };
// The node's attribute `reduction`.
Result<Reduction> ReductionOf(const NodeContext& ctx);

// out[out_at + i] = reduce(out[out_at + i], in[in_at + i]) for i in [0, n); kNone copies. Booleans add as "or" and
// multiply as "and". Fails on types that the reduction does not know (strings; order of complex numbers).
Status ReduceElements(Reduction reduction, const Tensor& in, int64_t in_at, Tensor& out, int64_t out_at, int64_t n);

// ScatterElements, and Scatter, its former name.
Status RunScatterElements(KernelContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_SCATTER_H_
