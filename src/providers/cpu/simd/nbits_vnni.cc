// A row times narrow weights by AVX-512 VNNI, as precise as fp32: each number of the row is an integer of 24 bits times the block's unit,
// taken apart into three signed digits of base 256, and the sums of digits times weights are exact. (Splitting operands so that sums of
// products are exact: Ozaki, Ogita, Oishi, Rump, Error-free transformations of matrix multiplication, 2012.)
#include "providers/cpu/simd/nbits.h"

#if defined(__x86_64__)
#pragma GCC diagnostic push  // GCC 12 takes what its own header leaves undefined on purpose for a mistake
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <array>
#include <cmath>

namespace samoyed::cpu {
namespace {

#define SAMOYED_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

constexpr int kLanes = 16, kDigits = 3;
constexpr float kRange = 8355000;         // three digits reach 127 (1 + 256 + 65536), a little more
constexpr float kSmallest = 1e-30f;       // of what a block's largest may be: its unit is a normal number
constexpr int64_t kPrefetchBytes = 8192;  // two pages: the processor itself stops at the end of one

// Of a block of the row: what the sums of the digits begin with, so that the middle of the range counts as 0; the unit; the sum, in units.
struct BlockOf {
  int32_t start[4];
  float unit, sum, unused[2];
};
static_assert(sizeof(BlockOf) == kNBitsBlockFloats * sizeof(float));

// The low digit in byte 0, the middle one in byte 1, the high one in byte 2: adding 128 to a digit carries where it is 128 or more.
SAMOYED_VNNI inline __m512i DigitsOf(__m512i v) {
  const __m512i carry = _mm512_set1_epi32(0x8080);
  return _mm512_xor_si512(_mm512_add_epi32(v, carry), carry);
}

// The order in which sixteen elements go with the bytes of their words: four at a time, those that one mask takes out.
template <int kBits>
constexpr std::array<int32_t, kLanes> FieldOrder() {
  constexpr int kParts = 8 / kBits;
  std::array<int32_t, kLanes> order{};
  for (int i = 0; i < kLanes; ++i) order[i] = i / 4 / kParts * 4 * kParts + i % 4 * kParts + i / 4 % kParts;
  return order;
}

// The row as [words][fields a byte][4]: four bytes of each digit, the fourth unused; then a BlockOf a block.
template <int kBits>
SAMOYED_VNNI bool Prepare(const float* a, int64_t k, const NBitsPanel& shape, float* prepared) {
  static constexpr auto kOrder = FieldOrder<kBits>();
  const __m512i order = _mm512_loadu_si512(kOrder.data()), ones = _mm512_set1_epi8(1);
  const __m512i transpose = _mm512_set4_epi32(0x0f0b0703, 0x0e0a0602, 0x0d090501, 0x0c080400);
  const int64_t block = shape.block_words * (32 / kBits);
  auto* blocks = reinterpret_cast<BlockOf*>(prepared + shape.blocks * block);
  for (int64_t b = 0; b < shape.blocks; ++b) {
    const int64_t begin = b * block, end = begin + block;
    const auto load = [&](int64_t i) SAMOYED_VNNI {
      return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << std::clamp<int64_t>(k - i, 0, kLanes)) - 1), a + i);
    };
    __m512i largest = _mm512_setzero_si512();  // by their bits, of which those of NaN and infinity are above every number's
    for (int64_t i = begin; i < end; i += kLanes) largest = _mm512_max_epi32(largest, _mm512_castps_si512(_mm512_abs_ps(load(i))));
    const float most = _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(_mm512_reduce_max_epi32(largest))));
    if (!std::isfinite(most) || (most != 0 && most < kSmallest)) return false;
    const __m512 per_unit = _mm512_set1_ps(most == 0 ? 0 : kRange / most);
    __m512i sums = _mm512_setzero_si512();
    for (int64_t i = begin; i < end; i += kLanes) {
      const __m512i digits = DigitsOf(_mm512_cvtps_epi32(_mm512_mul_ps(load(i), per_unit)));
      const __m512i bytes = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(order, digits), transpose);
      sums = _mm512_dpbusd_epi32(sums, ones, bytes);
      _mm512_storeu_si512(prepared + i, bytes);
    }
    alignas(64) int32_t each[kLanes];
    _mm512_store_si512(each, sums);
    int32_t sum[kDigits];
    for (int d = 0; d < kDigits; ++d) {
      sum[d] = each[d] + each[4 + d] + each[8 + d] + each[12 + d];
      blocks[b].start[d] = -sum[d] * (1 << (kBits - 1));
    }
    blocks[b].unit = most / kRange;
    blocks[b].sum = static_cast<float>(int64_t{sum[2]} * 65536 + int64_t{sum[1]} * 256 + sum[0]);
  }
  return true;
}

// To the second cache: where a vector's successor will be read from.
inline void Prefetch(const void* p) { __builtin_prefetch(static_cast<const char*>(p) + kPrefetchBytes, 0, 2); }

SAMOYED_VNNI inline __m512 ZeroOf(const NBitsPanel& p, int64_t at) {
  if (p.zero_bytes != nullptr)
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p.zero_bytes + at))));
  return _mm512_loadu_ps(p.zero_floats + at);
}

template <int kBits, int NV>
SAMOYED_VNNI void Multiply(const NBitsPanel& p, const float* prepared, const float* bias, float* y, int64_t n) {
  constexpr int kParts = 8 / kBits;
  const auto* digits = reinterpret_cast<const int32_t*>(prepared);
  const auto* blocks = reinterpret_cast<const BlockOf*>(prepared + p.blocks * p.block_words * 4 * kParts);
  const __m512i mask = _mm512_set1_epi8(static_cast<char>((1 << kBits) - 1));
  const bool zeros = p.zero_bytes != nullptr || p.zero_floats != nullptr;
  const uint32_t* words = p.words;
  __m512 total[NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) total[v] = bias == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(bias + v * kLanes);
  for (int64_t b = 0; b < p.blocks; ++b) {
    __m512i sums[NV][kDigits];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
#pragma GCC unroll 4
      for (int digit = 0; digit < kDigits; ++digit) sums[v][digit] = _mm512_set1_epi32(blocks[b].start[digit]);
    }
    for (int64_t i = p.block_words; i > 0; --i, words += NV * kLanes) {
      __m512i w[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        w[v] = _mm512_loadu_si512(words + v * kLanes);
        Prefetch(words + v * kLanes);
      }
#pragma GCC unroll 4
      for (int part = 0; part < kParts; ++part, digits += 4) {
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) {
          const __m512i q = kBits == 8 ? w[v] : _mm512_and_si512(_mm512_srli_epi32(w[v], part * kBits), mask);
#pragma GCC unroll 4
          for (int digit = 0; digit < kDigits; ++digit)
            sums[v][digit] = _mm512_dpbusd_epi32(sums[v][digit], q, _mm512_set1_epi32(digits[digit]));
        }
      }
    }
    const __m512 unit = _mm512_set1_ps(blocks[b].unit), a_sum = _mm512_set1_ps(blocks[b].sum);
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      const int64_t at = (b * NV + v) * kLanes;
      Prefetch(p.scales + at);
      __m512 sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[v][1]), _mm512_set1_ps(256), _mm512_cvtepi32_ps(sums[v][0]));
      sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[v][2]), _mm512_set1_ps(65536), sum);
      if (zeros) sum = _mm512_fnmadd_ps(_mm512_sub_ps(ZeroOf(p, at), _mm512_set1_ps(p.middle)), a_sum, sum);
      total[v] = _mm512_fmadd_ps(_mm512_mul_ps(sum, unit), _mm512_loadu_ps(p.scales + at), total[v]);
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int64_t columns = std::min<int64_t>(kLanes, n - v * kLanes);
    _mm512_mask_storeu_ps(y + v * kLanes, static_cast<__mmask16>((1u << columns) - 1), total[v]);
  }
}

template <int kBits>
constexpr NBitsFns kFns = {Prepare<kBits>, {Multiply<kBits, 1>, Multiply<kBits, 2>}};

}  // namespace

const NBitsFns* NBitsDotFnsFor(CpuLevel level, int64_t bits) {
  if (level != CpuLevel::kAvx512Vnni && level != CpuLevel::kAmx) return nullptr;
  return bits == 2 ? &kFns<2> : bits == 4 ? &kFns<4> : &kFns<8>;
}

}  // namespace samoyed::cpu

#else

namespace samoyed::cpu {
const NBitsFns* NBitsDotFnsFor(CpuLevel, int64_t) { return nullptr; }
}  // namespace samoyed::cpu

#endif
