// The fp32 matrix micro-kernels: a tile of a product whose right-hand side is packed in panels.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_TILE_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_TILE_H_

#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

// c[m][n] = clamp(bias[n] + sum over r, k of a[m * a_stride + run_offsets[r] + k] * b[(r * run_length + k) * width + n]
//                 + residual[m][n], low, high).
//
// A row of A is `runs` pieces of `run_length` consecutive floats: one for a matrix, a kernel row each for a convolution of
// channels-last data. The panel is [runs * run_length][width], width = vectors * lanes, zeros behind column `n`.
// Sums run over k in rising order in one accumulator an element, so results do not depend on the tile's shape.
struct TileArgs {
  const float* a;
  int64_t a_stride;
  const int64_t* run_offsets;
  int64_t runs, run_length;
  const float* b;
  const float* bias;      // as wide as the panel; null: zeros
  const float* residual;  // null: none
  int64_t residual_stride;
  float* c;
  int64_t c_stride;
  int64_t n;  // columns to store, in (width - lanes, width]
  float low, high;
};
using TileFn = void (*)(const TileArgs&);

inline constexpr int kMaxTileRows = 14, kMaxTileVectors = 4;

struct TileFns {
  int lanes;                                   // floats a vector
  int rows;                                    // the tallest tile
  int vectors;                                 // the widest
  TileFn tile[kMaxTileRows][kMaxTileVectors];  // [rows - 1][vectors - 1]
};

const TileFns& TileFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_TILE_H_
