#include "providers/cpu/simd/window.h"

#include <algorithm>

#include "providers/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/window.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "providers/cpu/simd/targets.h"
#include "providers/cpu/simd/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t kLanes = HWY_LANES(float);

enum class Kind { kDepthwise, kSum, kMax };

// P pixels by CV vectors of channels from channel c on; the last vector has `last` channels (kPartial) or is full.
template <Kind kKind, int P, int CV, bool kPartial>
HWY_INLINE void Piece(const WindowArgs& t, int64_t pixel, int64_t c, size_t last) {
  const D d;
  auto load = [last](const float* p, int v)
                  HWY_ATTR { return kPartial && v + 1 == CV ? LoadPartial(D(), p + v * kLanes, last) : hn::LoadU(D(), p + v * kLanes); };
  V acc[P][CV];
#pragma GCC unroll 2
  for (int v = 0; v < CV; ++v) {
    V start = kKind == Kind::kMax ? hn::Neg(hn::Inf(d)) : hn::Zero(d);
    if (kKind == Kind::kDepthwise && t.bias != nullptr) start = load(t.bias + c, v);
#pragma GCC unroll 4
    for (int p = 0; p < P; ++p) acc[p][v] = start;
  }
  const float* x = t.x + pixel * t.pixel_stride + c;
  const int64_t s1 = P > 1 ? t.pixel_stride : 0, s2 = 2 * s1, s3 = 3 * s1;
  for (int64_t i = 0; i < t.rows; ++i) {
    const float* tap = x + i * t.row_stride;
    const float* w = kKind == Kind::kDepthwise ? t.w + i * t.w_row_stride + c : nullptr;
    for (int64_t j = 0; j < t.columns; ++j) {
#pragma GCC unroll 2
      for (int v = 0; v < CV; ++v) {
        const V weight = kKind == Kind::kDepthwise ? load(w, v) : hn::Zero(d);
#pragma GCC unroll 4
        for (int p = 0; p < P; ++p) {
          const V in = load(tap + (p == 0 ? 0 : p == 1 ? s1 : p == 2 ? s2 : s3), v);
          if constexpr (kKind == Kind::kDepthwise) acc[p][v] = hn::MulAdd(in, weight, acc[p][v]);
          if constexpr (kKind == Kind::kSum) acc[p][v] = hn::Add(acc[p][v], in);
          if constexpr (kKind == Kind::kMax)
            acc[p][v] = hn::IfThenElse(hn::IsNaN(in), in, hn::IfThenElse(hn::Lt(acc[p][v], in), in, acc[p][v]));
        }
      }
      tap += t.tap_stride;
      if (kKind == Kind::kDepthwise) w += t.channels;
    }
  }
  const V low = hn::Set(d, t.low), high = hn::Set(d, t.high), scale = hn::Set(d, t.scale);
#pragma GCC unroll 4
  for (int p = 0; p < P; ++p) {
    float* y = t.y + (pixel + p) * t.y_stride + c;
#pragma GCC unroll 2
    for (int v = 0; v < CV; ++v) {
      V r = kKind == Kind::kSum ? hn::Mul(acc[p][v], scale) : acc[p][v];
      if (t.residual != nullptr) r = hn::Add(r, load(t.residual + (pixel + p) * t.y_stride + c, v));
      r = ClampKeepNan(low, high, r);
      if (kPartial && v + 1 == CV) {
        StorePartial(r, d, y + v * kLanes, last);
      } else {
        hn::StoreU(r, d, y + v * kLanes);
      }
    }
  }
}

template <Kind kKind, int CV, bool kPartial>
HWY_INLINE void Channels(const WindowArgs& t, int64_t c, size_t last) {
  int64_t pixel = 0;
  for (; pixel + 4 <= t.pixels; pixel += 4) Piece<kKind, 4, CV, kPartial>(t, pixel, c, last);
  for (; pixel < t.pixels; ++pixel) Piece<kKind, 1, CV, kPartial>(t, pixel, c, last);
}

template <Kind kKind>
void Window(const WindowArgs& t) {
  int64_t c = 0;
  for (; c + 2 * kLanes <= t.channels; c += 2 * kLanes) Channels<kKind, 2, false>(t, c, 0);
  if (c + kLanes <= t.channels) {
    Channels<kKind, 1, false>(t, c, 0);
    c += kLanes;
  }
  if (c < t.channels) Channels<kKind, 1, true>(t, c, static_cast<size_t>(t.channels - c));
}

constexpr WindowFns kWindowFns = {Window<Kind::kDepthwise>, Window<Kind::kSum>, Window<Kind::kMax>};

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(WindowFnsFor, WindowFns, kWindowFns)
}  // namespace samoyed::cpu
#endif
