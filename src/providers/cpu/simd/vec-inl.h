// What Highway 1.0 lacks: loads and stores of part of a vector that touch no byte beyond it, a clamp that keeps NaN. Included once a target
// by files that foreach_target.h includes again and again.
#if defined(SAMOYED_PROVIDERS_CPU_SIMD_VEC_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SAMOYED_PROVIDERS_CPU_SIMD_VEC_INL_H_
#undef SAMOYED_PROVIDERS_CPU_SIMD_VEC_INL_H_
#else
#define SAMOYED_PROVIDERS_CPU_SIMD_VEC_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Vectors that the matrix tile is wide.
#if HWY_TARGET == HWY_NEON
constexpr int kTileVectors = 4;
#else
constexpr int kTileVectors = 2;
#endif

// Only these have loads and stores whose masked-off lanes cannot fault.
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET <= HWY_AVX3
#define SAMOYED_TRUE_MASKS 1
#else
#define SAMOYED_TRUE_MASKS 0
#endif

// The first `n` lanes from p, zeros behind them; 0 <= n <= lanes.
template <class D, typename T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> LoadPartial(D d, const T* p, size_t n) {
#if SAMOYED_TRUE_MASKS
  return hn::MaskedLoad(hn::FirstN(d, n), d, p);
#else
  HWY_ALIGN T buffer[hn::MaxLanes(d)] = {};
  for (size_t i = 0; i < n; ++i) buffer[i] = p[i];
  return hn::Load(d, buffer);
#endif
}

// The first `n` lanes to p.
template <class D, typename T = hn::TFromD<D>>
HWY_INLINE void StorePartial(hn::Vec<D> v, D d, T* p, size_t n) {
#if SAMOYED_TRUE_MASKS
  hn::BlendedStore(v, hn::FirstN(d, n), d, p);
#else
  HWY_ALIGN T buffer[hn::MaxLanes(d)];
  hn::Store(v, d, buffer);
  for (size_t i = 0; i < n; ++i) p[i] = buffer[i];
#endif
}

#undef SAMOYED_TRUE_MASKS

// min(high, max(low, x)), NaN where x is NaN.
template <class V>
HWY_INLINE V ClampKeepNan(V low, V high, V x) {
#if HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
  return hn::Min(high, hn::Max(low, x));  // x86 returns the second operand where either is NaN
#else
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Min(high, hn::Max(low, x)));  // NEON's maximum and minimum pass over NaN
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
