// The vectors of attention's heads, and the steps that every operator of the family takes with them.
#ifndef SAMOYED_OPS_COMMON_HEADS_H_
#define SAMOYED_OPS_COMMON_HEADS_H_

#include <string_view>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// Vectors of `size` numbers for each batch entry, head and place: [batch, heads, length, size].
struct Heads {
  int64_t batch = 0, heads = 0, length = 0, size = 0;
  std::vector<double> data;

  Heads() = default;
  // Zeros. The caller has checked that the product fits, even with 1 in the place of each 0.
  Heads(int64_t b, int64_t h, int64_t l, int64_t s) : batch(b), heads(h), length(l), size(s), data(static_cast<size_t>(b * h * l * s)) {}
  double* At(int64_t b, int64_t h, int64_t place) { return data.data() + ((b * heads + h) * length + place) * size; }
  const double* At(int64_t b, int64_t h, int64_t place) const { return data.data() + ((b * heads + h) * length + place) * size; }
};

// An error where the dimensions' product does not fit, even with 1 in the place of each 0: after it, indices cannot overflow.
Status CheckIndexable(const NodeContext& ctx, const Shape& shape);

// The columns [first, first + heads * size) of rows [batch, length, width].
Heads SplitHeads(const double* rows, int64_t batch, int64_t length, int64_t width, int64_t first, int64_t heads, int64_t size);
// A tensor [batch, length, heads * size]; an error where it is not.
Result<Heads> SplitHeads(const NodeContext& ctx, const Tensor& rows, int64_t heads, std::string_view what);
// A tensor [batch, heads, length, size].
Result<Heads> ReadHeads(const NodeContext& ctx, const Tensor& tensor, std::string_view what);
// The places of both, one after another; they must agree in everything else.
Result<Heads> Append(const NodeContext& ctx, const Heads& past, const Heads& now);

// Rotates the first `dim` numbers of a head by the angles whose cosines and sines are given, dim / 2 of each: pairs (i, i + dim / 2), or
// neighbours when interleaved. J. Su et al., "RoFormer" (2021).
void Rotate(double* head, int64_t dim, const double* cos, const double* sin, bool interleaved);

// x as a value of this type: narrow types round in every step that the standard's function bodies take, float and double once at the end.
double RoundNarrow(DType dtype, double x);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_HEADS_H_
