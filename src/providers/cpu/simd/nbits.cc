#include "providers/cpu/simd/nbits.h"

#include <algorithm>
#include <type_traits>

#include "providers/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/nbits.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "providers/cpu/simd/targets.h"
#include "providers/cpu/simd/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
using DI = hn::Rebind<int32_t, D>;
using VI = hn::Vec<DI>;
constexpr int64_t kLanes = HWY_LANES(float);

// The lowest kBits of each word as floats.
template <int kBits>
HWY_INLINE V Lowest(VI words) {
  const D d;
#if HWY_TARGET == HWY_AVX3
  if constexpr (kBits == 4) {  // a table in a register, which looks at no other bits
    HWY_ALIGN static constexpr float kNumbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return V{_mm512_permutexvar_ps(words.raw, hn::Load(d, kNumbers).raw)};
  }
#endif
  return hn::ConvertTo(d, hn::And(words, hn::Set(DI(), (1 << kBits) - 1)));
}

template <int kVectors>
HWY_INLINE V ZeroOf(const NbitsPanel& p, int64_t block, int v) {
  const D d;
  return p.zeros == nullptr ? hn::Set(d, p.zero) : hn::LoadU(d, p.zeros + (block * kVectors + v) * kLanes);
}

template <int kBits, int kVectors>
void MultiplyAs(const NbitsPanel& p, const float* a, const float* sums, float* y) {
  const D d;
  const DI di;
  constexpr int kWeights = 32 / kBits, kChains = 4;
  V total[kVectors];
  for (V& t : total) t = hn::Zero(d);
  const auto* words = reinterpret_cast<const int32_t*>(p.words);
  for (int64_t block = 0; block < p.blocks; ++block) {
    V sum[kVectors][kChains];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
#pragma GCC unroll 4
      for (int c = 0; c < kChains; ++c) sum[v][c] = hn::Zero(d);
    }
    for (int64_t i = 0; i < p.block; i += kWeights, a += kWeights, words += (kVectors * kLanes)) {
      __builtin_prefetch(words + 16 * (kVectors * kLanes));
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        VI w = hn::LoadU(di, words + v * kLanes);
#pragma GCC unroll 16
        for (int k = 0; k < kWeights; ++k) {
          sum[v][k % kChains] = hn::MulAdd(Lowest<kBits>(w), hn::Set(d, a[k]), sum[v][k % kChains]);
          w = hn::ShiftRight<kBits>(w);  // of the sign nothing is ever looked at
        }
      }
    }
    const V of_a = hn::Set(d, sums[block]);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const V products = hn::Add(hn::Add(sum[v][0], sum[v][1]), hn::Add(sum[v][2], sum[v][3]));
      const V centred = hn::Sub(products, hn::Mul(ZeroOf<kVectors>(p, block, v), of_a));
      total[v] = hn::MulAdd(centred, hn::LoadU(d, p.scales + block * (kVectors * kLanes) + v * kLanes), total[v]);
    }
  }
  for (int v = 0; v < kVectors; ++v)
    StorePartial(total[v], d, y + v * kLanes, static_cast<size_t>(std::min(kLanes, p.columns - v * kLanes)));
}

template <int kBits, int kVectors>
void ExpandAs(const NbitsPanel& p, float* to) {
  const D d;
  const DI di;
  constexpr int kWeights = 32 / kBits;
  const auto* words = reinterpret_cast<const int32_t*>(p.words);
  for (int64_t block = 0; block < p.blocks; ++block) {
    for (int64_t i = 0; i < p.block; i += kWeights, words += (kVectors * kLanes), to += kWeights * (kVectors * kLanes)) {
      for (int v = 0; v < kVectors; ++v) {
        const V scale = hn::LoadU(d, p.scales + block * (kVectors * kLanes) + v * kLanes), zero = ZeroOf<kVectors>(p, block, v);
        VI w = hn::LoadU(di, words + v * kLanes);
#pragma GCC unroll 16
        for (int k = 0; k < kWeights; ++k) {
          hn::StoreU(hn::Mul(hn::Sub(Lowest<kBits>(w), zero), scale), d, to + k * (kVectors * kLanes) + v * kLanes);
          w = hn::ShiftRight<kBits>(w);
        }
      }
    }
  }
}

// run(bits, vectors) with both as constants.
template <int kVectors = kTileVectors, typename Run>
void Choose(const NbitsPanel& p, Run run) {
  if constexpr (kVectors > 1) {
    if (p.columns <= (kVectors - 1) * kLanes) return Choose<kVectors - 1>(p, run);
  }
  constexpr std::integral_constant<int, kVectors> vectors;
  if (p.bits == 2) return run(std::integral_constant<int, 2>(), vectors);
  if (p.bits == 4) return run(std::integral_constant<int, 4>(), vectors);
  run(std::integral_constant<int, 8>(), vectors);
}

void MultiplyRow(const NbitsPanel& p, const float* a, const float* sums, float* y) {
  Choose(p, [&](auto bits, auto vectors) { MultiplyAs<decltype(bits)::value, decltype(vectors)::value>(p, a, sums, y); });
}

void Expand(const NbitsPanel& p, float* to) {
  Choose(p, [&](auto bits, auto vectors) { ExpandAs<decltype(bits)::value, decltype(vectors)::value>(p, to); });
}

constexpr NbitsFns kNbitsFns = {MultiplyRow, Expand};

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(NbitsFnsFor, NbitsFns, kNbitsFns)
}  // namespace samoyed::cpu
#endif
