#include "providers/cpu/simd/nbits.h"

#include <algorithm>
#include <array>
#include <utility>

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
using DI = hn::ScalableTag<int32_t>;
using DU = hn::ScalableTag<uint32_t>;
using V = hn::Vec<D>;
constexpr int kLanes = HWY_LANES(float);
constexpr int64_t kPrefetchBytes = 8192;

template <int kBits>
constexpr int kFields = 32 / kBits;

// A field of four bits at the low end of a byte is looked up in a table of sixteen floats, which is one instruction; bytes are moved to the
// low end of a lane by the address they are read from. Reads across cache lines cost too, hence not all of them.
#if HWY_TARGET == HWY_AVX3
template <int kBits, int kField>
constexpr bool kLookedUp = kBits == 4 && kField % 2 == 0 && kField < 6;
#else
template <int kBits, int kField>
constexpr bool kLookedUp = false;
#endif

// What a field counts in FieldOf: 2^its position, except where that is the low end, by shift or table.
template <int kBits, int kField>
constexpr float kUnit = kLookedUp<kBits, kField> || kField + 1 == kFields<kBits> ? 1.0f : static_cast<float>(uint32_t{1} << kBits * kField);

// Field kField of the words at p, times kUnit: masked and converted as an integer where it lies, which is exact.
template <int kBits, int kField>
HWY_INLINE V FieldOf(const uint32_t* p, hn::Vec<DU> words) {
  const DI di;
  const DU du;
#if HWY_TARGET == HWY_AVX3
  if constexpr (kLookedUp<kBits, kField>) {
    const D d;
    const auto at = hn::LoadU(di, reinterpret_cast<const int32_t*>(reinterpret_cast<const char*>(p) + kBits * kField / 8));
    return hn::TableLookupLanes(hn::Iota(d, 0), hn::Indices512<float>{at.raw});
  }
#endif
  (void)p;
  if constexpr (kField + 1 == kFields<kBits>) return hn::ConvertTo(D(), hn::BitCast(di, hn::ShiftRight<32 - kBits>(words)));
  return hn::ConvertTo(D(), hn::BitCast(di, hn::And(words, hn::Set(du, ((uint32_t{1} << kBits) - 1) << kBits * kField))));
}

template <int kBits, class Body, int... kField>
HWY_INLINE void ForEachField(Body&& body, std::integer_sequence<int, kField...>) {
  (body(std::integral_constant<int, kField>()), ...);
}
template <int kBits, class Body>
HWY_INLINE void ForEachField(Body&& body) {
  ForEachField<kBits>(body, std::make_integer_sequence<int, kFields<kBits>>());
}

HWY_INLINE V ZeroOf(const NBitsPanel& p, int64_t at) {
  const D d;
  if (p.zero_bytes != nullptr) {
    const hn::Rebind<uint8_t, D> bytes;
    return hn::ConvertTo(d, hn::PromoteTo(DI(), hn::LoadU(bytes, p.zero_bytes + at)));
  }
  return p.zero_floats != nullptr ? hn::LoadU(d, p.zero_floats + at) : hn::Set(d, p.middle);
}

// A in units of the fields as they lie in their words, zeros behind; then the sum of each block.
template <int kBits>
bool Prepare(const float* a, int64_t k, const NBitsPanel& shape, float* prepared) {
  constexpr int kCount = kFields<kBits>;
  const int64_t words = shape.blocks * shape.block_words, block = shape.block_words * kCount;
  float* sums = prepared + words * kCount;
  std::copy_n(a, k, prepared);
  std::fill(prepared + k, sums, 0.0f);
  for (int64_t b = 0; b < shape.blocks; ++b) {
    const D d;
    V sum = hn::Zero(d);
    for (int64_t i = b * block; i < (b + 1) * block; i += kLanes) sum = hn::Add(sum, hn::LoadU(d, prepared + i));
    sums[b] = hn::GetLane(hn::SumOfLanes(d, sum));
  }
  for (int64_t w = 0; w < words; ++w, prepared += kCount)
    ForEachField<kBits>([&](auto field) HWY_ATTR { prepared[field] *= 1 / kUnit<kBits, field>; });
  return true;
}

template <int kBits, int NV>
void Multiply(const NBitsPanel& p, const float* HWY_RESTRICT scaled, const float* bias, float* y, int64_t n) {
  constexpr int kChains = 4;  // of additions that do not wait for each other, a vector
  const D d;
  const DU du;
  V total[NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) total[v] = bias == nullptr ? hn::Zero(d) : hn::LoadU(d, bias + v * kLanes);
  const uint32_t* HWY_RESTRICT words = p.words;
  const float* sums = scaled + p.blocks * p.block_words * kFields<kBits>;
  for (int64_t b = 0; b < p.blocks; ++b) {
    V part[NV][kChains];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
#pragma GCC unroll 4
      for (int c = 0; c < kChains; ++c) part[v][c] = hn::Zero(d);
    }
    for (int64_t i = p.block_words; i > 0; --i) {
      hn::Vec<DU> w[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        w[v] = hn::LoadU(du, words + v * kLanes);
        if ((v * kLanes * sizeof(float)) % 64 == 0)
          __builtin_prefetch(reinterpret_cast<const char*>(words + v * kLanes) + kPrefetchBytes, 0, 2);
      }
      ForEachField<kBits>([&](auto field) HWY_ATTR {
        const V a = hn::Set(d, scaled[field]);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) {
          V& sum = part[v][field % kChains];
          sum = hn::MulAdd(a, FieldOf<kBits, field>(words + v * kLanes, w[v]), sum);
        }
      });
      words += NV * kLanes;
      scaled += kFields<kBits>;
    }
    const V a_sum = hn::Set(d, sums[b]);
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      const int64_t at = (b * NV + v) * kLanes;
      const V sum = hn::Add(hn::Add(part[v][0], part[v][1]), hn::Add(part[v][2], part[v][3]));
      total[v] = hn::MulAdd(hn::LoadU(d, p.scales + at), hn::NegMulAdd(ZeroOf(p, at), a_sum, sum), total[v]);
    }
  }
  const auto last = static_cast<size_t>(n - (NV - 1) * kLanes);
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) StorePartial(total[v], d, y + v * kLanes, v + 1 < NV ? kLanes : last);
}

template <int kBits, int NV>
void Unpack(const NBitsPanel& p, int64_t begin, int64_t end, float* HWY_RESTRICT to) {
  const D d;
  constexpr int64_t kWidth = NV * kLanes;
  int64_t i = begin / kFields<kBits>;
  while (i < end / kFields<kBits>) {
    const int64_t b = i / p.block_words, stop = std::min((b + 1) * p.block_words, end / kFields<kBits>);
    V zero[NV], scale[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      zero[v] = ZeroOf(p, b * kWidth + v * kLanes);
      scale[v] = hn::LoadU(d, p.scales + b * kWidth + v * kLanes);
    }
    for (; i < stop; ++i, to += kFields<kBits> * kWidth) {
      const uint32_t* words = p.words + i * kWidth;
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        const auto w = hn::LoadU(DU(), words + v * kLanes);
        ForEachField<kBits>([&](auto field) HWY_ATTR {
          const V q = FieldOf<kBits, field>(words + v * kLanes, w);
          const V x = hn::MulSub(q, hn::Set(d, 1 / kUnit<kBits, field>), zero[v]);
          hn::StoreU(hn::Mul(x, scale[v]), d, to + field * kWidth + v * kLanes);
        });
      }
    }
  }
}

template <int kBits, int NV>
constexpr void Fill(NBitsTable& table) {
  table.fns.multiply[NV - 1] = Multiply<kBits, NV>;
  table.unpack[NV - 1] = Unpack<kBits, NV>;
  if constexpr (NV > 1) Fill<kBits, NV - 1>(table);
}
template <int kBits>
constexpr NBitsTable MakeTable() {
  NBitsTable table{{Prepare<kBits>, {}}, {}};
  Fill<kBits, kTileVectors>(table);
  return table;
}
constexpr NBitsTables kTables = {MakeTable<2>(), MakeTable<4>(), MakeTable<8>()};

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(NBitsTablesFor, NBitsTables, kTables)
}  // namespace samoyed::cpu
#endif
