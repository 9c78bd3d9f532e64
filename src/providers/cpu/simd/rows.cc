#include "providers/cpu/simd/rows.h"

#include <cmath>
#include <limits>

#include "providers/cpu/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/rows.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "providers/cpu/simd/math-inl.h"
#include "providers/cpu/simd/targets.h"
#include "providers/cpu/simd/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr int64_t kLanes = HWY_LANES(float);

HWY_INLINE float SumLanes(V v) { return hn::GetLane(hn::SumOfLanes(D(), v)); }

// The sum of of(x) over a row, in four chains of additions; `of` must give 0 for the lanes behind a row's end, which it is told.
template <class Of>
HWY_INLINE float SumOf(const float* x, int64_t n, Of of) {
  const D d;
  V s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    s0 = hn::Add(s0, of(hn::LoadU(d, x + i)));
    s1 = hn::Add(s1, of(hn::LoadU(d, x + i + kLanes)));
    s2 = hn::Add(s2, of(hn::LoadU(d, x + i + 2 * kLanes)));
    s3 = hn::Add(s3, of(hn::LoadU(d, x + i + 3 * kLanes)));
  }
  for (; i + kLanes <= n; i += kLanes) s0 = hn::Add(s0, of(hn::LoadU(d, x + i)));
  if (i < n) {
    const auto rest = static_cast<size_t>(n - i);
    s1 = hn::Add(s1, hn::IfThenElseZero(hn::FirstN(d, rest), of(LoadPartial(d, x + i, rest))));
  }
  return SumLanes(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)));
}

float Sum(const float* x, int64_t n) {
  return SumOf(x, n, [](V v) HWY_ATTR { return v; });
}

// The largest element, or the least; NaN where there is one.
template <bool kLeast>
HWY_INLINE float ExtremeOf(const float* x, int64_t n) {
  const D d;
  const V none = kLeast ? hn::Inf(d) : hn::Neg(hn::Inf(d));
  V best = none, nans = hn::Zero(d);
  for (int64_t i = 0; i < n; i += kLanes) {
    V v;
    if (i + kLanes <= n) {
      v = hn::LoadU(d, x + i);
    } else {
      const auto rest = static_cast<size_t>(n - i);
      v = hn::IfThenElse(hn::FirstN(d, rest), LoadPartial(d, x + i, rest), none);
    }
    nans = hn::IfThenElse(hn::IsNaN(v), v, nans);
    best = kLeast ? hn::Min(best, v) : hn::Max(best, v);
  }
  const float nan = SumLanes(nans);
  return std::isnan(nan) ? nan : hn::GetLane(kLeast ? hn::MinOfLanes(d, best) : hn::MaxOfLanes(d, best));
}

float MaxOf(const float* x, int64_t n) { return ExtremeOf<false>(x, n); }
float MinOf(const float* x, int64_t n) { return ExtremeOf<true>(x, n); }

// y = of(x) for a row.
template <class Of>
HWY_INLINE void Map(const float* x, float* y, int64_t n, Of of) {
  const D d;
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(of(hn::LoadU(d, x + i)), d, y + i);
  if (i < n) StorePartial(of(LoadPartial(d, x + i, static_cast<size_t>(n - i))), d, y + i, static_cast<size_t>(n - i));
}

void Softmax(const float* x, float* y, int64_t n) {
  const D d;
  const V max = hn::Set(d, MaxOf(x, n));
  Map(x, y, n, [&](V v) HWY_ATTR { return SafeExp(d, hn::Sub(v, max)); });
  const V inverse = hn::Set(d, 1.0f / Sum(y, n));
  Map(y, y, n, [&](V v) HWY_ATTR { return hn::Mul(v, inverse); });
}

void LogSoftmax(const float* x, float* y, int64_t n) {
  const D d;
  const V max = hn::Set(d, MaxOf(x, n));
  const float sum = SumOf(x, n, [&](V v) HWY_ATTR { return SafeExp(d, hn::Sub(v, max)); });
  const V shift = hn::Set(d, std::log(sum));
  Map(x, y, n, [&](V v) HWY_ATTR { return hn::Sub(hn::Sub(v, max), shift); });
}

void Normalise(const float* x, const float* scale, const float* bias, float epsilon, bool centred, float* y, int64_t n) {
  const D d;
  const float count = static_cast<float>(n);
  const V mean = hn::Set(d, centred ? Sum(x, n) / count : 0.0f);
  const float squares = SumOf(x, n, [&](V v) HWY_ATTR {
    const V t = hn::Sub(v, mean);
    return hn::Mul(t, t);
  });
  const V inverse = hn::Set(d, 1.0f / std::sqrt(squares / count + epsilon));
  for (int64_t i = 0; i < n; i += kLanes) {
    const bool full = i + kLanes <= n;
    const auto rest = static_cast<size_t>(n - i);
    V v = hn::Mul(hn::Sub(full ? hn::LoadU(d, x + i) : LoadPartial(d, x + i, rest), mean), inverse);
    if (scale != nullptr) v = hn::Mul(v, full ? hn::LoadU(d, scale + i) : LoadPartial(d, scale + i, rest));
    if (bias != nullptr) v = hn::Add(v, full ? hn::LoadU(d, bias + i) : LoadPartial(d, bias + i, rest));
    if (full) {
      hn::StoreU(v, d, y + i);
    } else {
      StorePartial(v, d, y + i, rest);
    }
  }
}

void Blend(const float* x, const int64_t* starts, const float* weights, int64_t count, float* y, int64_t n) {
  const D d;
  for (int64_t i = 0; i < n; i += kLanes) {
    const bool full = i + kLanes <= n;
    const auto rest = static_cast<size_t>(n - i);
    V sum = hn::Zero(d);
    for (int64_t k = 0; k < count; ++k) {
      const float* from = x + starts[k] + i;
      sum = hn::MulAdd(hn::Set(d, weights[k]), full ? hn::LoadU(d, from) : LoadPartial(d, from, rest), sum);
    }
    if (full) {
      hn::StoreU(sum, d, y + i);
    } else {
      StorePartial(sum, d, y + i, rest);
    }
  }
}

constexpr RowFns kRowFns = {Sum, MaxOf, MinOf, Softmax, LogSoftmax, Normalise, Blend};

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(RowFnsFor, RowFns, kRowFns)
}  // namespace samoyed::cpu
#endif
