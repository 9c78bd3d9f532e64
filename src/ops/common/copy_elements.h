// Moving elements of any type: numbers by width, packed sub-byte types by bits, strings by assignment.
// The one place where movement operators meet the layout of elements.
//
// `in` and `out` must be of the same element type, and all places within the tensors: the operators have
// checked both before.
#ifndef SAMOYED_OPS_COMMON_COPY_ELEMENTS_H_
#define SAMOYED_OPS_COMMON_COPY_ELEMENTS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "ops/context.h"
#include "tensor/tensor.h"

namespace samoyed::ops {

// out[out_at + i] = in[in_at + i] for i in [0, n). The ranges do not overlap.
void CopyElements(const Tensor& in, int64_t in_at, Tensor& out, int64_t out_at, int64_t n);

// out[out_at + i] = value[value_at].
void FillElements(const Tensor& value, int64_t value_at, Tensor& out, int64_t out_at, int64_t n);

// out[at + i] = 0, or the empty string.
void ZeroElements(Tensor& out, int64_t at, int64_t n);

// out[out_at + k] = in[offset + dot(index_k, strides)] for the k-th index, row-major, of `shape`.
void GatherStrided(const Tensor& in, int64_t offset, const Shape& strides, const Shape& shape, Tensor& out, int64_t out_at = 0);
// The other way: out[offset + dot(index_k, strides)] = in[in_at + k].
void ScatterStrided(const Tensor& in, int64_t in_at, const Shape& shape, Tensor& out, int64_t offset, const Shape& strides);

// out[i, j, ...] = in[maps[0][i], maps[1][j], ...]; where any map says -1: fill[0]. One map an axis, as long as
// out's dimension there.
void GatherMapped(KernelContext& ctx, const Tensor& in, std::span<const std::vector<int64_t>> maps, const Tensor& fill, Tensor& out);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_COPY_ELEMENTS_H_
