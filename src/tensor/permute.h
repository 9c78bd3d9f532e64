// Moves a tensor's elements from one order of axes to another.
#ifndef SAMOYED_TENSOR_PERMUTE_H_
#define SAMOYED_TENSOR_PERMUTE_H_

#include <cstdint>
#include <span>

#include "base/function_ref.h"
#include "base/status.h"
#include "tensor/tensor.h"

namespace samoyed {

// out.shape[k] = in.shape[perm[k]].
Shape PermutedShape(const Shape& shape, std::span<const int> perm);

using ParallelFn = FunctionRef<void(int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)>)>;

// Fills `out` (of in's type and the permuted shape; not over `in`). Any element type; `parallel` spreads the work.
Status Permute(const Tensor& in, std::span<const int> perm, Tensor& out, ParallelFn parallel);
// Into a new tensor, on this thread.
Result<Tensor> Permuted(const Tensor& in, std::span<const int> perm);

}  // namespace samoyed

#endif  // SAMOYED_TENSOR_PERMUTE_H_
