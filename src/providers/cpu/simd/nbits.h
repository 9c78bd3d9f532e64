// Weights of 2, 4 or 8 bits with a scale and a zero point for each block of a column: products with one row, and their floats.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_NBITS_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_NBITS_H_

#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

// A panel of up to as many columns as the matrix tile is wide (simd/tile.h), laid out in whole vectors. Word [i][n] holds the 32 / bits
// weights of column n from k = i * 32 / bits on, low bits first. A weight is scales[block][n] * (q - zeros[block][n]).
struct NbitsPanel {
  int64_t columns;
  const uint32_t* words;
  const float* scales;
  const float* zeros;  // null: `zero` everywhere
  float zero;
  int bits;
  int64_t block, blocks;  // elements of k, a multiple of 16; k is blocks * block
};

struct NbitsFns {
  // y[n] = sum over k of a[k] * weight[k][n]. `sums`: of a over each block.
  void (*multiply)(const NbitsPanel& panel, const float* a, const float* sums, float* y);
  // The weights as the tile reads them, [k][columns in whole vectors].
  void (*expand)(const NbitsPanel& panel, float* to);
};

const NbitsFns& NbitsFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_NBITS_H_
