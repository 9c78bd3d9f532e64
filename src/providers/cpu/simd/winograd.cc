#include "providers/cpu/simd/winograd.h"

#include "providers/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/winograd.cc"
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

// B^T d and A^T m of one dimension. With points 0, +-a, +-b, infinity and ab = 1 the rows of B^T are x^4 - (a^2 + b^2) x^2 + 1,
// (x^2 - b^2)(x^2 +- ax), (x^2 - a^2)(x^2 +- bx) and x times the first, read as coefficients of d0, d1, ...
struct F4 {
  static constexpr int kTile = 4, kAlpha = 6;
  static constexpr auto kA = static_cast<float>(kWinogradSmall), kB = static_cast<float>(kWinogradLarge);
  static constexpr auto kA2 = static_cast<float>(kWinogradSmall * kWinogradSmall),
                        kB2 = static_cast<float>(kWinogradLarge * kWinogradLarge);
  static constexpr auto kA3 = static_cast<float>(kWinogradSmall * kWinogradSmall * kWinogradSmall),
                        kB3 = static_cast<float>(kWinogradLarge * kWinogradLarge * kWinogradLarge);

  static HWY_INLINE void In(const V (&d)[kAlpha], V (&t)[kAlpha]) {
    const D tag;
    const V a = hn::Set(tag, kA), b = hn::Set(tag, kB), a2 = hn::Set(tag, kA2), b2 = hn::Set(tag, kB2), sum = hn::Set(tag, kA2 + kB2);
    t[0] = hn::NegMulAdd(sum, d[2], hn::Add(d[0], d[4]));
    const V even_a = hn::NegMulAdd(b2, d[2], d[4]), odd_a = hn::NegMulAdd(b2, d[1], d[3]);
    t[1] = hn::MulAdd(a, odd_a, even_a);
    t[2] = hn::NegMulAdd(a, odd_a, even_a);
    const V even_b = hn::NegMulAdd(a2, d[2], d[4]), odd_b = hn::NegMulAdd(a2, d[1], d[3]);
    t[3] = hn::MulAdd(b, odd_b, even_b);
    t[4] = hn::NegMulAdd(b, odd_b, even_b);
    t[5] = hn::NegMulAdd(sum, d[3], hn::Add(d[1], d[5]));
  }
  static HWY_INLINE void Out(const V (&m)[kAlpha], V (&y)[kTile]) {
    const D tag;
    const V sum_a = hn::Add(m[1], m[2]), sum_b = hn::Add(m[3], m[4]);
    const V difference_a = hn::Sub(m[1], m[2]), difference_b = hn::Sub(m[3], m[4]);
    y[0] = hn::Add(m[0], hn::Add(sum_a, sum_b));
    y[1] = hn::MulAdd(hn::Set(tag, kA), difference_a, hn::Mul(hn::Set(tag, kB), difference_b));
    y[2] = hn::MulAdd(hn::Set(tag, kA2), sum_a, hn::Mul(hn::Set(tag, kB2), sum_b));
    y[3] = hn::MulAdd(hn::Set(tag, kA3), difference_a, hn::MulAdd(hn::Set(tag, kB3), difference_b, m[5]));
  }
};

struct F2 {
  static constexpr int kTile = 2, kAlpha = 4;
  static HWY_INLINE void In(const V (&d)[kAlpha], V (&t)[kAlpha]) {
    t[0] = hn::Sub(d[2], d[0]);
    t[1] = hn::Add(d[2], d[1]);
    t[2] = hn::Sub(d[2], d[1]);
    t[3] = hn::Sub(d[3], d[1]);
  }
  static HWY_INLINE void Out(const V (&m)[kAlpha], V (&y)[kTile]) {
    y[0] = hn::Add(m[0], hn::Add(m[1], m[2]));
    y[1] = hn::Add(hn::Sub(m[1], m[2]), m[3]);
  }
};

// One vector of channels, of which the first `n` are there.
template <class F, bool kInside, bool kFull>
HWY_INLINE void InputVector(const WinogradInput& w, int64_t c, size_t n) {
  constexpr int kAlpha = F::kAlpha;
  const D d;
  V half[kAlpha][kAlpha];  // rows transformed
#pragma GCC unroll 8
  for (int i = 0; i < kAlpha; ++i) {
    const bool row_inside = kInside || (i >= w.row_begin && i < w.row_end);
    V in[kAlpha];
#pragma GCC unroll 8
    for (int j = 0; j < kAlpha; ++j) {
      in[j] = hn::Zero(d);
      if (kInside || (row_inside && j >= w.column_begin && j < w.column_end)) {
        const float* p = w.x + (w.first + i * w.row_stride + j * w.pixel_stride + c);
        in[j] = kFull ? hn::LoadU(d, p) : LoadPartial(d, p, n);
      }
    }
    F::In(in, half[i]);
  }
#pragma GCC unroll 8
  for (int j = 0; j < kAlpha; ++j) {
    V in[kAlpha], out[kAlpha];
#pragma GCC unroll 8
    for (int i = 0; i < kAlpha; ++i) in[i] = half[i][j];
    F::In(in, out);
#pragma GCC unroll 8
    for (int i = 0; i < kAlpha; ++i) hn::StoreU(out[i], d, w.to + ((i * kAlpha + j) * w.to_step + c));
  }
}

template <class F, bool kInside>
HWY_INLINE void InputChannels(const WinogradInput& w) {
  int64_t c = 0;
  for (; c + kLanes <= w.channels; c += kLanes) InputVector<F, kInside, true>(w, c, kLanes);
  if (c < w.channels) InputVector<F, kInside, false>(w, c, static_cast<size_t>(w.channels - c));
}

template <class F>
void Input(const WinogradInput& w) {
  const bool inside = w.row_begin <= 0 && w.row_end >= F::kAlpha && w.column_begin <= 0 && w.column_end >= F::kAlpha;
  if (inside) {
    InputChannels<F, true>(w);
  } else {
    InputChannels<F, false>(w);
  }
}

template <class F>
void Output(const WinogradOutput& w) {
  constexpr int kAlpha = F::kAlpha, kTile = F::kTile;
  const D d;
  const V low = hn::Set(d, w.low), high = hn::Set(d, w.high);
  for (int64_t n = 0; n < w.n; n += kLanes) {
    V half[kTile][kAlpha];  // columns transformed
#pragma GCC unroll 8
    for (int j = 0; j < kAlpha; ++j) {
      V in[kAlpha], out[kTile];
#pragma GCC unroll 8
      for (int i = 0; i < kAlpha; ++i) in[i] = hn::LoadU(d, w.from + ((i * kAlpha + j) * w.from_step + n));
      F::Out(in, out);
#pragma GCC unroll 8
      for (int i = 0; i < kTile; ++i) half[i][j] = out[i];
    }
    const V bias = hn::LoadU(d, w.bias + n);
    const bool full = n + kLanes <= w.n;
    const auto rest = static_cast<size_t>(w.n - n);
#pragma GCC unroll 8
    for (int i = 0; i < kTile; ++i) {
      if (i >= w.rows) break;
      V out[kTile];
      F::Out(half[i], out);
#pragma GCC unroll 8
      for (int j = 0; j < kTile; ++j) {
        if (j >= w.columns) break;
        const int64_t at = i * w.row_stride + j * w.pixel_stride + n;
        V y = hn::Add(out[j], bias);
        if (w.residual != nullptr) y = hn::Add(y, full ? hn::LoadU(d, w.residual + at) : LoadPartial(d, w.residual + at, rest));
        y = ClampKeepNan(low, high, y);
        if (full) {
          hn::StoreU(y, d, w.y + at);
        } else {
          StorePartial(y, d, w.y + at, rest);
        }
      }
    }
  }
}

constexpr WinogradFns kWinogradFns = {kLanes, Input<F4>, Input<F2>, Output<F4>, Output<F2>};

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(WinogradFnsFor, WinogradFns, kWinogradFns)
}  // namespace samoyed::cpu
#endif
