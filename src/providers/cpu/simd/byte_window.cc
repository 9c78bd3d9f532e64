#include "providers/cpu/simd/byte_window.h"

#include "providers/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/byte_window.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "providers/cpu/simd/targets.h"
#include "providers/cpu/simd/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

using DI = hn::ScalableTag<int32_t>;
using DF = hn::ScalableTag<float>;
using VI = hn::Vec<DI>;
constexpr int kLanes = HWY_LANES(int32_t);

// A group is one vector of int32 sums. Two taps' bytes, widened to int32 and joined to pairs of int16, meet one vector of weights.
HWY_INLINE VI Load(const std::byte* p, bool is_signed) {
  const DI d;
  if (is_signed) return hn::PromoteTo(d, hn::LoadU(hn::Rebind<int8_t, DI>(), reinterpret_cast<const int8_t*>(p)));
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<uint8_t, DI>(), reinterpret_cast<const uint8_t*>(p)));
}

HWY_INLINE VI DotPairs(VI sum, VI a, VI b) {
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

template <bool kSigned>
HWY_INLINE VI Join(const std::byte* first, const std::byte* second) {
  const DI d;
  VI low = Load(first, kSigned);
  if (kSigned) low = hn::And(low, hn::Set(d, 0xffff));
  return second == nullptr ? low : hn::Or(low, hn::ShiftLeft<16>(Load(second, kSigned)));
}

template <bool kSigned, typename Out>
HWY_INLINE void Store(const ByteWindowArgs& t, VI sum, int64_t channel, std::byte* y, size_t count) {
  const DI di;
  const DF df;
  const hn::Rebind<Out, DI> d8;
  const auto product = hn::Mul(hn::ConvertTo(df, sum), hn::LoadU(df, t.scale + channel));
  const VI q = hn::Add(hn::NearestInt(hn::Min(hn::Set(df, t.high), hn::Max(hn::Set(df, t.low), product))), hn::Set(di, t.zero));
  if (count == kLanes) {
    hn::StoreU(hn::DemoteTo(d8, q), d8, reinterpret_cast<Out*>(y));
  } else {
    HWY_ALIGN Out bytes[kLanes];
    hn::StoreU(hn::DemoteTo(d8, q), d8, bytes);
    for (size_t i = 0; i < kLanes && i < count; ++i) y[i] = static_cast<std::byte>(bytes[i]);
  }
}

// Four pixels at a time share the weights.
template <bool kSigned, typename Out>
void Depthwise(const ByteWindowArgs& t) {
  const DI d;
  const int64_t pairs = (t.taps + 1) / 2;
  for (int64_t channel = 0; channel < t.channels; channel += kLanes) {
    const int32_t* w = t.w + channel * pairs;
    const auto count = static_cast<size_t>(t.channels - channel < kLanes ? t.channels - channel : kLanes);
    const VI bias = hn::LoadU(d, t.bias + channel);
    const std::byte* x = t.x + channel;
    std::byte* y = t.y + channel;
    int64_t p = 0;
    for (; p + 4 <= t.pixels; p += 4) {
      VI s0 = bias, s1 = bias, s2 = bias, s3 = bias;
      for (int64_t i = 0; i < pairs; ++i) {
        const VI wv = hn::LoadU(d, w + i * kLanes);
        const bool two = 2 * i + 1 < t.taps;
        const std::byte* a = x + t.tap_offsets[2 * i];
        const std::byte* b = two ? x + t.tap_offsets[2 * i + 1] : a;
        s0 = DotPairs(s0, Join<kSigned>(a, b), wv);
        s1 = DotPairs(s1, Join<kSigned>(a + t.pixel_stride, b + t.pixel_stride), wv);
        s2 = DotPairs(s2, Join<kSigned>(a + 2 * t.pixel_stride, b + 2 * t.pixel_stride), wv);
        s3 = DotPairs(s3, Join<kSigned>(a + 3 * t.pixel_stride, b + 3 * t.pixel_stride), wv);
      }
      Store<kSigned, Out>(t, s0, channel, y, count);
      Store<kSigned, Out>(t, s1, channel, y + t.channels, count);
      Store<kSigned, Out>(t, s2, channel, y + 2 * t.channels, count);
      Store<kSigned, Out>(t, s3, channel, y + 3 * t.channels, count);
      x += 4 * t.pixel_stride;
      y += 4 * t.channels;
    }
    for (; p < t.pixels; ++p) {
      VI sum = bias;
      for (int64_t i = 0; i < pairs; ++i) {
        const std::byte* a = x + t.tap_offsets[2 * i];
        const std::byte* b = 2 * i + 1 < t.taps ? x + t.tap_offsets[2 * i + 1] : a;
        sum = DotPairs(sum, Join<kSigned>(a, b), hn::LoadU(d, w + i * kLanes));
      }
      Store<kSigned, Out>(t, sum, channel, y, count);
      x += t.pixel_stride;
      y += t.channels;
    }
  }
}

void DepthwiseOfAny(const ByteWindowArgs& t) {
  if (t.x_signed) return t.y_signed ? Depthwise<true, int8_t>(t) : Depthwise<true, uint8_t>(t);
  return t.y_signed ? Depthwise<false, int8_t>(t) : Depthwise<false, uint8_t>(t);
}

int Place(int channel) { return channel; }

constexpr ByteWindowFns kByteWindowFns = {kLanes, 2, Place, DepthwiseOfAny};

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(ByteWindowFnsFor, ByteWindowFns, kByteWindowFns)
}  // namespace samoyed::cpu
#endif
