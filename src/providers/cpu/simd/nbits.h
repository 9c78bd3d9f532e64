// Products with weights of 2, 4 or 8 bits that have a scale and a zero point a block of a column.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_NBITS_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_NBITS_H_

#include <cstdint>

#include "base/cpu.h"
#include "providers/cpu/simd/tile.h"

namespace samoyed::cpu {

// Up to TileFns' vectors * lanes columns of the weights. A word holds 32 / bits consecutive rows of one column, low bits first;
// element (k, n) is (field - zero) * scale with the parameters of block k / (block_words * fields a word).
struct NBitsPanel {
  const uint32_t* words;      // [blocks * block_words][width]; kNBitsSlack bytes behind the last one can be read
  const float* scales;        // [blocks][width]
  const uint8_t* zero_bytes;  // [blocks][width], or null
  const float* zero_floats;   // [blocks][width], or null; without both `middle` is every zero point
  float middle;
  int64_t blocks, block_words;
};
inline constexpr int64_t kNBitsSlack = 64;

// What `prepare` makes of a row of A takes so many floats: one an element and some a block.
inline constexpr int64_t kNBitsBlockFloats = 8;
inline int64_t NBitsPreparedFloats(int64_t block_size, int64_t blocks) { return blocks * (block_size + kNBitsBlockFloats); }

struct NBitsFns {
  // A row of k numbers as `multiply` reads it, for panels of this shape; false where it cannot hold them.
  bool (*prepare)(const float* a, int64_t k, const NBitsPanel& shape, float* prepared);
  // y[n] = bias[n] + sum over blocks of scale * (sum of a * field - zero * sum of a); bias may be null.
  void (*multiply[kMaxTileVectors])(const NBitsPanel& panel, const float* prepared, const float* bias, float* y, int64_t n);
};
// Rows [begin, end) of the panel in fp32, [end - begin][width]; both are multiples of the fields a word.
using NBitsUnpackFn = void (*)(const NBitsPanel& panel, int64_t begin, int64_t end, float* to);

struct NBitsTable {
  NBitsFns fns;  // in fp32: takes every row
  NBitsUnpackFn unpack[kMaxTileVectors];
};
struct NBitsTables {
  NBitsTable two, four, eight;  // bits
};
const NBitsTables& NBitsTablesFor(CpuLevel level);

// By products of bytes, three an element of A: a row is held in 24 bits a number, in units of a block's largest, and sums are exact. For
// blocks of up to kNBitsDotBlock elements and rows that are finite and not tiny; null where the level has no such instruction.
inline constexpr int64_t kNBitsDotBlock = 8192;
const NBitsFns* NBitsDotFnsFor(CpuLevel level, int64_t bits);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_NBITS_H_
