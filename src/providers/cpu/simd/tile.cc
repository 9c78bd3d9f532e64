#include "providers/cpu/simd/tile.h"

#include "providers/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/tile.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "providers/cpu/simd/targets.h"
#include "providers/cpu/simd/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int kLanes = HWY_LANES(float);

// As many accumulators as the registers hold beside a vector of A and the panel's row: 28 of 32, 12 of 16.
#if HWY_TARGET == HWY_AVX3
constexpr int kRows = 14;
#else
constexpr int kRows = 6;
#endif
constexpr int kVectors = kTileVectors;
static_assert(kRows <= kMaxTileRows && kVectors <= kMaxTileVectors);

// How far ahead the panel is fetched: far enough to cover a cache level's latency, within one panel's worth of rows.
constexpr int64_t kPrefetchBytes = 2048;

// Five rows' addresses hang on one pointer and the strides 1, 2, 3, 4, which x86 can scale or keep in few registers; the empty asm
// statement keeps the compiler from turning them into a pointer a row, which it would have to spill.
HWY_INLINE void Opaque(const float*& p) { asm volatile("" : "+r"(p)); }

template <int MR, int NV>
void Tile(const TileArgs& t) {
  const D d;
  V acc[MR][NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const V start = t.bias == nullptr ? hn::Zero(d) : hn::LoadU(d, t.bias + v * kLanes);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) acc[m][v] = start;
  }

  const float* HWY_RESTRICT b = t.b;
  const int64_t stride = t.a_stride;
  for (int64_t r = 0; r < t.runs; ++r) {
    const float* a0 = t.a + t.run_offsets[r];
    const float* a5 = a0 + (MR > 5 ? 5 * stride : 0);
    const float* a10 = a0 + (MR > 10 ? 10 * stride : 0);
    for (int64_t k = t.run_length; k > 0; --k) {
      if (MR > 5) Opaque(a5);
      if (MR > 10) Opaque(a10);
      V bv[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        bv[v] = hn::LoadU(d, b + v * kLanes);
        if ((v * kLanes * sizeof(float)) % 64 == 0) __builtin_prefetch(reinterpret_cast<const char*>(b + v * kLanes) + kPrefetchBytes);
      }
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) {
        const float* a = (m >= 10 ? a10 : m >= 5 ? a5 : a0) + (m % 5) * stride;
        const V av = hn::Set(d, *a);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) acc[m][v] = hn::MulAdd(av, bv[v], acc[m][v]);
      }
      ++a0;
      if (MR > 5) ++a5;
      if (MR > 10) ++a10;
      b += NV * kLanes;
    }
  }

  const V low = hn::Set(d, t.low), high = hn::Set(d, t.high);
  const auto last = static_cast<size_t>(t.n - (NV - 1) * kLanes);  // columns in the last vector
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m) {
    float* HWY_RESTRICT c = t.c + m * t.c_stride;
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      const bool full = v + 1 < NV || last == kLanes;
      V x = acc[m][v];
      if (t.residual != nullptr) {
        const float* p = t.residual + m * t.residual_stride + v * kLanes;
        x = hn::Add(x, full ? hn::LoadU(d, p) : LoadPartial(d, p, last));
      }
      x = ClampKeepNan(low, high, x);
      if (full) {
        hn::StoreU(x, d, c + v * kLanes);
      } else {
        StorePartial(x, d, c + v * kLanes, last);
      }
    }
  }
}

template <int MR>
constexpr void FillRow(TileFns& fns) {
  fns.tile[MR - 1][0] = Tile<MR, 1>;
  if constexpr (kVectors > 1) fns.tile[MR - 1][1] = Tile<MR, 2>;
  if constexpr (kVectors > 2) fns.tile[MR - 1][2] = Tile<MR, 3>;
  if constexpr (kVectors > 3) fns.tile[MR - 1][3] = Tile<MR, 4>;
  if constexpr (MR > 1) FillRow<MR - 1>(fns);
}

constexpr TileFns MakeTable() {
  TileFns fns{kLanes, kRows, kVectors, {}};
  FillRow<kRows>(fns);
  return fns;
}
constexpr TileFns kTileFns = MakeTable();

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(TileFnsFor, TileFns, kTileFns)
}  // namespace samoyed::cpu
#endif
