// The 8-bit matrix micro-kernels: a tile of a product of bytes whose right-hand side is packed in panels, requantised on its way out.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_BYTE_TILE_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_BYTE_TILE_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

// What the products read. One step along k is 4 bytes of A and 4 bytes of B a column in each form.
enum class ByteForm : uint8_t {
  kQuadsU8,  // A: uint8, B: int8; four products a step (VNNI)
  kQuadsS8,  // A: int8, B: int8; four products a step (NEON dotprod)
  kPairs,    // A and B: int16, zero points already subtracted; two products a step
};

enum class ByteOutput : uint8_t { kUint8, kInt8, kInt32, kFloat };

// sum[m][n] = bias[n] + sum over r, s of the products of step s of run r, at a + m * a_stride + run_offsets[r] + 4 s, with the packed
// step (r * run_steps + s) of column n; less row_sums[m] * zeros[n] where given. Then c[m][n] is
//   the sum itself (kInt32); float(sum) * scale[n] + shift[n] (kFloat); or round_half_even(clamp(float(sum) * scale[n], low, high)) + zero.
// Sums are exact, so results depend on nothing but the operands.
struct ByteTileArgs {
  const std::byte* a;
  int64_t a_stride;            // bytes
  const int64_t* run_offsets;  // bytes
  int64_t runs, run_steps;
  const int32_t* b;         // [runs * run_steps][width], zeros behind column n
  const int32_t* bias;      // as wide as the panel, as are scale and zeros
  const float* scale;       // not for kInt32
  const float* shift;       // only for kFloat; null: none
  const int32_t* zeros;     // null: none
  const int32_t* row_sums;  // one a row; only with zeros
  std::byte* c;
  int64_t c_stride;  // bytes
  int64_t n;         // columns to store, in (width - lanes, width]
  float low, high;   // the type's ends less `zero`
  int32_t zero;
  ByteOutput output;
};
using ByteTileFn = void (*)(const ByteTileArgs&);

// Bytes as A wants them, n of them: value - zero as int16 (kPairs), else value ^ flip.
using BytePrepareFn = void (*)(const std::byte* from, int64_t n, bool is_signed, int32_t zero, uint8_t flip, std::byte* to);

inline constexpr int kMaxByteTileRows = 14, kMaxByteTileVectors = 4;

struct ByteTileFns {
  ByteForm form;
  int lanes;    // columns a vector
  int rows;     // the tallest tile
  int vectors;  // the widest
  BytePrepareFn prepare;
  ByteTileFn tile[kMaxByteTileRows][kMaxByteTileVectors];  // [rows - 1][vectors - 1]

  int element_bytes() const { return form == ByteForm::kPairs ? 2 : 1; }
  int step_elements() const { return 4 / element_bytes(); }
};

const ByteTileFns& ByteTileFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_BYTE_TILE_H_
