#include "providers/cpu/simd/byte_tile.h"

#include <cstring>

#include "providers/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/byte_tile.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "providers/cpu/simd/targets.h"
#include "providers/cpu/simd/vec-inl.h"

// The dot products of bytes are an extension of their own on both architectures: a second region beside the target's.
#if HWY_ARCH_X86
#define SAMOYED_DOT_FEATURE "avx512vnni"
#else
#define SAMOYED_DOT_FEATURE "arch=armv8.2-a+crypto+dotprod"  // with what Highway's own functions have, or they cannot be inlined
#endif
#if defined(__clang__)
#define SAMOYED_DOT_BEGIN HWY_PUSH_ATTRIBUTES(SAMOYED_DOT_FEATURE)
#define SAMOYED_DOT_END _Pragma("clang attribute pop")
#else
#define SAMOYED_DOT_PRAGMA(x) _Pragma(#x)
#define SAMOYED_DOT_TARGET(feature) SAMOYED_DOT_PRAGMA(GCC target(feature))
#define SAMOYED_DOT_BEGIN _Pragma("GCC push_options") SAMOYED_DOT_TARGET(SAMOYED_DOT_FEATURE)
#define SAMOYED_DOT_END _Pragma("GCC pop_options")
#endif

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

using DI = hn::ScalableTag<int32_t>;
using DF = hn::ScalableTag<float>;
using VI = hn::Vec<DI>;
constexpr int kLanes = HWY_LANES(int32_t);

#if HWY_TARGET == HWY_AVX3
constexpr int kRows = 14, kVectors = 2;
#elif HWY_TARGET == HWY_NEON
constexpr int kRows = 6, kVectors = 4;
#else
constexpr int kRows = 6, kVectors = 2;
#endif
static_assert(kRows <= kMaxByteTileRows && kVectors <= kMaxByteTileVectors);

constexpr int64_t kPrefetchBytes = 2048;

HWY_INLINE void Opaque(const std::byte*& p) { asm volatile("" : "+r"(p)); }

// One vector of results as bytes, `count` columns from `to` on.
template <typename T>
HWY_INLINE void StoreBytes(VI q, std::byte* to, size_t count) {
  const hn::Rebind<T, DI> d8;
  if (count == kLanes) {
    hn::StoreU(hn::DemoteTo(d8, q), d8, reinterpret_cast<T*>(to));
  } else {
    HWY_ALIGN T bytes[kLanes];
    hn::StoreU(hn::DemoteTo(d8, q), d8, bytes);
    for (size_t i = 0; i < kLanes && i < count; ++i) to[i] = static_cast<std::byte>(bytes[i]);
  }
}

// The sums of a tile, [rows][vectors * kLanes], on their way out.
template <ByteOutput kOutput>
HWY_NOINLINE void FinishAs(const ByteTileArgs& t, const int32_t* sums, int rows, int vectors) {
  const DI di;
  const DF df;
  const auto low = hn::Set(df, t.low), high = hn::Set(df, t.high);
  const VI zero = hn::Set(di, t.zero);
  for (int m = 0; m < rows; ++m) {
    std::byte* c = t.c + m * t.c_stride;
    for (int v = 0; v < vectors; ++v, sums += kLanes) {
      const int column = v * kLanes;
      const size_t count = v + 1 < vectors ? kLanes : static_cast<size_t>(t.n - column);
      VI sum = hn::LoadU(di, sums);
      if (t.zeros != nullptr) sum = hn::Sub(sum, hn::Mul(hn::Set(di, t.row_sums[m]), hn::LoadU(di, t.zeros + column)));
      if constexpr (kOutput == ByteOutput::kInt32) {
        StorePartial(sum, di, reinterpret_cast<int32_t*>(c) + column, count);
      } else {
        auto product = hn::Mul(hn::ConvertTo(df, sum), hn::LoadU(df, t.scale + column));
        if constexpr (kOutput == ByteOutput::kFloat) {
          if (t.shift != nullptr) product = hn::Add(product, hn::LoadU(df, t.shift + column));
          StorePartial(product, df, reinterpret_cast<float*>(c) + column, count);
        } else {
          const VI q = hn::Add(hn::NearestInt(hn::Min(high, hn::Max(low, product))), zero);
          if constexpr (kOutput == ByteOutput::kUint8) {
            StoreBytes<uint8_t>(q, c + column, count);
          } else {
            StoreBytes<int8_t>(q, c + column, count);
          }
        }
      }
    }
  }
}

HWY_NOINLINE void FinishTile(const ByteTileArgs& t, const int32_t* sums, int rows, int vectors) {
  switch (t.output) {
    case ByteOutput::kUint8:
      return FinishAs<ByteOutput::kUint8>(t, sums, rows, vectors);
    case ByteOutput::kInt8:
      return FinishAs<ByteOutput::kInt8>(t, sums, rows, vectors);
    case ByteOutput::kInt32:
      return FinishAs<ByteOutput::kInt32>(t, sums, rows, vectors);
    case ByteOutput::kFloat:
      return FinishAs<ByteOutput::kFloat>(t, sums, rows, vectors);
  }
}

// sum + a0 * b0 + a1 * b1 of the int16 halves of each lane. Products of bytes less their zero points fit with room.
namespace pairs {

HWY_INLINE VI Dot(VI sum, VI a, VI b) {
#if HWY_TARGET == HWY_SCALAR
  const int32_t x = hn::GetLane(a), y = hn::GetLane(b);
  const int32_t low = static_cast<int16_t>(x & 0xffff) * static_cast<int16_t>(y & 0xffff);
  return hn::Add(sum, hn::Set(DI(), low + (x >> 16) * (y >> 16)));
#elif HWY_TARGET == HWY_NEON
  const int16x8_t x = vreinterpretq_s16_s32(a.raw), y = vreinterpretq_s16_s32(b.raw);
  return VI(vaddq_s32(sum.raw, vpaddq_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)), vmull_high_s16(x, y))));
#else
  const hn::Repartition<int16_t, DI> d16;
  VI unused = hn::Zero(DI());
  return hn::ReorderWidenMulAccumulate(DI(), hn::BitCast(d16, a), hn::BitCast(d16, b), sum, unused);
#endif
}

#include "providers/cpu/simd/byte_tile-inl.h"

}  // namespace pairs

void PreparePairs(const std::byte* from, int64_t n, bool is_signed, int32_t zero, uint8_t, std::byte* to) {
  const hn::ScalableTag<int16_t> d16;
  constexpr int kStep = HWY_LANES(int16_t);
  const auto vz = hn::Set(d16, static_cast<int16_t>(zero));
  auto* out = reinterpret_cast<int16_t*>(to);
  int64_t i = 0;
  if (is_signed) {
    const hn::Rebind<int8_t, decltype(d16)> d8;
    const auto* in = reinterpret_cast<const int8_t*>(from);
    for (; i + kStep <= n; i += kStep) hn::StoreU(hn::Sub(hn::PromoteTo(d16, hn::LoadU(d8, in + i)), vz), d16, out + i);
    for (; i < n; ++i) out[i] = static_cast<int16_t>(in[i] - zero);
  } else {
    const hn::Rebind<uint8_t, decltype(d16)> d8;
    const auto* in = reinterpret_cast<const uint8_t*>(from);
    for (; i + kStep <= n; i += kStep) hn::StoreU(hn::Sub(hn::PromoteTo(d16, hn::LoadU(d8, in + i)), vz), d16, out + i);
    for (; i < n; ++i) out[i] = static_cast<int16_t>(in[i] - zero);
  }
}

void PrepareQuads(const std::byte* from, int64_t n, bool, int32_t, uint8_t flip, std::byte* to) {
  if (flip == 0) {
    std::memcpy(to, from, static_cast<size_t>(n));
    return;
  }
  const hn::ScalableTag<uint8_t> d8;
  constexpr int kStep = HWY_LANES(uint8_t);
  const auto mask = hn::Set(d8, flip);
  const auto* in = reinterpret_cast<const uint8_t*>(from);
  auto* out = reinterpret_cast<uint8_t*>(to);
  int64_t i = 0;
  for (; i + kStep <= n; i += kStep) hn::StoreU(hn::Xor(hn::LoadU(d8, in + i), mask), d8, out + i);
  for (; i < n; ++i) out[i] = in[i] ^ flip;
}

constexpr ByteTileFns MakePairs() {
  ByteTileFns fns{ByteForm::kPairs, kLanes, kRows, kVectors, PreparePairs, {}};
  pairs::FillRow<kRows>(fns);
  return fns;
}
constexpr ByteTileFns kPairFns = MakePairs();

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
SAMOYED_DOT_BEGIN
namespace quads {

#if HWY_TARGET == HWY_AVX3
constexpr ByteForm kForm = ByteForm::kQuadsU8;
HWY_INLINE VI Dot(VI sum, VI a, VI b) { return VI{_mm512_dpbusd_epi32(sum.raw, a.raw, b.raw)}; }
#else
constexpr ByteForm kForm = ByteForm::kQuadsS8;
HWY_INLINE VI Dot(VI sum, VI a, VI b) { return VI(vdotq_s32(sum.raw, vreinterpretq_s8_s32(a.raw), vreinterpretq_s8_s32(b.raw))); }
#endif

#include "providers/cpu/simd/byte_tile-inl.h"

}  // namespace quads

constexpr ByteTileFns MakeQuads() {
  ByteTileFns fns{quads::kForm, kLanes, kRows, kVectors, PrepareQuads, {}};
  quads::FillRow<kRows>(fns);
  return fns;
}
constexpr ByteTileFns kQuadFns = MakeQuads();
SAMOYED_DOT_END
#endif

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {

SAMOYED_DEFINE_CHOICE(PairFnsFor, ByteTileFns, kPairFns)

const ByteTileFns& ByteTileFnsFor(CpuLevel level) {
#if HWY_ARCH_X86 && (HWY_TARGETS & HWY_AVX3)
  if (level == CpuLevel::kAvx512Vnni || level == CpuLevel::kAmx) return N_AVX3::kQuadFns;
#elif HWY_ARCH_ARM_A64
  if (level == CpuLevel::kNeonDot || level == CpuLevel::kNeonI8mm) return N_NEON::kQuadFns;
#endif
  return PairFnsFor(level);
}

}  // namespace samoyed::cpu
#endif
