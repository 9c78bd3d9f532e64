// The depthwise convolution of unsigned bytes by AVX-512 VNNI: four taps of 64 channels are interleaved, so that one instruction
// multiplies and adds four bytes for each of 16 channels.
#include "providers/cpu/simd/byte_window.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace samoyed::cpu {
namespace {

#define SAMOYED_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

constexpr int kChannels = 64, kVectors = 4, kStep = 4;

// Interleaving works within 16 bytes: of each 16 channels, vector v gets 4 v to 4 v + 3.
int Place(int channel) { return channel % 16 / 4 * 16 + channel / 16 * 4 + channel % 4; }

struct Sums {
  __m512i v[kVectors];
};

SAMOYED_VNNI inline void AddStep(Sums& sums, const std::byte* x, const int64_t* offsets, const __m512i (&w)[kVectors]) {
  const __m512i a = _mm512_loadu_si512(x + offsets[0]), b = _mm512_loadu_si512(x + offsets[1]);
  const __m512i c = _mm512_loadu_si512(x + offsets[2]), d = _mm512_loadu_si512(x + offsets[3]);
  const __m512i ab_low = _mm512_unpacklo_epi8(a, b), ab_high = _mm512_unpackhi_epi8(a, b);
  const __m512i cd_low = _mm512_unpacklo_epi8(c, d), cd_high = _mm512_unpackhi_epi8(c, d);
  sums.v[0] = _mm512_dpbusd_epi32(sums.v[0], _mm512_unpacklo_epi16(ab_low, cd_low), w[0]);
  sums.v[1] = _mm512_dpbusd_epi32(sums.v[1], _mm512_unpackhi_epi16(ab_low, cd_low), w[1]);
  sums.v[2] = _mm512_dpbusd_epi32(sums.v[2], _mm512_unpacklo_epi16(ab_high, cd_high), w[2]);
  sums.v[3] = _mm512_dpbusd_epi32(sums.v[3], _mm512_unpackhi_epi16(ab_high, cd_high), w[3]);
}

// Packing works within 16 bytes, too, and puts the channels back into their order.
SAMOYED_VNNI inline void Store(const ByteWindowArgs& t, const Sums& sums, const float* scale, std::byte* y, __mmask64 mask) {
  const __m512 low = _mm512_set1_ps(t.low), high = _mm512_set1_ps(t.high);
  const __m512i zero = _mm512_set1_epi32(t.zero);
  __m512i q[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const __m512 product = _mm512_mul_ps(_mm512_cvtepi32_ps(sums.v[v]), _mm512_loadu_ps(scale + v * 16));
    q[v] = _mm512_add_epi32(_mm512_cvtps_epi32(_mm512_min_ps(high, _mm512_max_ps(low, product))), zero);
  }
  const __m512i first = _mm512_packs_epi32(q[0], q[1]), second = _mm512_packs_epi32(q[2], q[3]);
  const __m512i bytes = t.y_signed ? _mm512_packs_epi16(first, second) : _mm512_packus_epi16(first, second);
  _mm512_mask_storeu_epi8(y, mask, bytes);
}

// Two pixels at a time share the weights.
SAMOYED_VNNI void Depthwise(const ByteWindowArgs& t) {
  const int64_t steps = (t.taps + kStep - 1) / kStep;
  for (int64_t channel = 0; channel < t.channels; channel += kChannels) {
    const int64_t count = t.channels - channel;
    const __mmask64 mask = count >= kChannels ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
    const int32_t* weights = t.w + channel * steps;
    const float* scale = t.scale + channel;
    Sums bias;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) bias.v[v] = _mm512_loadu_si512(t.bias + channel + v * 16);
    const std::byte* x = t.x + channel;
    std::byte* y = t.y + channel;
    int64_t p = 0;
    for (; p + 2 <= t.pixels; p += 2, x += 2 * t.pixel_stride, y += 2 * t.channels) {
      Sums first = bias, second = bias;
      for (int64_t s = 0; s < steps; ++s) {
        __m512i w[kVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) w[v] = _mm512_loadu_si512(weights + s * kChannels + v * 16);
        AddStep(first, x, t.tap_offsets + s * kStep, w);
        AddStep(second, x + t.pixel_stride, t.tap_offsets + s * kStep, w);
      }
      Store(t, first, scale, y, mask);
      Store(t, second, scale, y + t.channels, mask);
    }
    if (p < t.pixels) {
      Sums sums = bias;
      for (int64_t s = 0; s < steps; ++s) {
        __m512i w[kVectors];
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) w[v] = _mm512_loadu_si512(weights + s * kChannels + v * 16);
        AddStep(sums, x, t.tap_offsets + s * kStep, w);
      }
      Store(t, sums, scale, y, mask);
    }
  }
}

}  // namespace

const ByteWindowFns* VnniByteWindowFns(CpuLevel level) {
  static constexpr ByteWindowFns kFns = {kChannels, kStep, Place, Depthwise};
  return level == CpuLevel::kAvx512Vnni || level == CpuLevel::kAmx ? &kFns : nullptr;
}

}  // namespace samoyed::cpu

#else

namespace samoyed::cpu {
const ByteWindowFns* VnniByteWindowFns(CpuLevel) { return nullptr; }
}  // namespace samoyed::cpu

#endif
