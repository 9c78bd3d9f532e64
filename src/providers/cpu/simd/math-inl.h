// Functions of a vector of floats that Highway's own mathematics lacks. Included once a target by the files of kernels.
#if defined(SAMOYED_PROVIDERS_CPU_SIMD_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SAMOYED_PROVIDERS_CPU_SIMD_MATH_INL_H_
#undef SAMOYED_PROVIDERS_CPU_SIMD_MATH_INL_H_
#else
#define SAMOYED_PROVIDERS_CPU_SIMD_MATH_INL_H_
#endif

#include "hwy/contrib/math/math-inl.h"
#include "providers/cpu/simd/vec-inl.h"

HWY_BEFORE_NAMESPACE();
namespace samoyed::cpu {
namespace HWY_NAMESPACE {

// e^x; infinity above, 0 below, NaN for NaN. 2 ulp.
template <class D, class V>
HWY_INLINE V SafeExp(D d, V x) {
  const V inside = ClampKeepNan(hn::Set(d, -104.0f), hn::Set(d, 88.75f), x);
  const V y = hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(d, inside));
  return hn::IfThenElse(hn::Gt(x, hn::Set(d, 88.722839f)), hn::Inf(d), y);
}

// log x; NaN below 0 and for NaN, -infinity for 0, infinity for infinity.
template <class D, class V>
HWY_INLINE V SafeLog(D d, V x) {
  const V zero = hn::Zero(d);
  V y = hn::Log(d, x);
  y = hn::IfThenElse(hn::Eq(x, zero), hn::Neg(hn::Inf(d)), y);
  y = hn::IfThenElse(hn::Eq(x, hn::Inf(d)), x, y);
  return hn::IfThenElse(hn::Or(hn::Lt(x, zero), hn::IsNaN(x)), hn::NaN(d), y);
}

// 1 / (1 + e^-x).
template <class D, class V>
HWY_INLINE V Sigmoid(D d, V x) {
  const V one = hn::Set(d, 1.0f);
  const V e = hn::Exp(d, hn::Neg(ClampKeepNan(hn::Set(d, -87.0f), hn::Set(d, 87.0f), x)));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Div(one, hn::Add(one, e)));
}

// A quotient of polynomials of degree 5 in x^2, fitted for relative error on (0, 4]; 4e-7 in float, and 1 from there on.
template <class D, class V>
HWY_INLINE V Erf(D d, V x) {
  const V limit = hn::Set(d, 4.0f);
  const V u = ClampKeepNan(hn::Neg(limit), limit, x), t = hn::Mul(u, u);
  V p = hn::Set(d, 1.9837268609990133e-06f), q = hn::Set(d, 3.743997876881622e-05f);
  p = hn::MulAdd(p, t, hn::Set(d, 0.00028556399047374725f));
  q = hn::MulAdd(q, t, hn::Set(d, 0.001194442855194211f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.003918428905308247f));
  q = hn::MulAdd(q, t, hn::Set(d, 0.015277684666216373f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.05321165919303894f));
  q = hn::MulAdd(q, t, hn::Set(d, 0.11568181961774826f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.19433628022670746f));
  q = hn::MulAdd(q, t, hn::Set(d, 0.505558431148529f));
  p = hn::MulAdd(p, t, hn::Set(d, 1.1283791065216064f));
  q = hn::MulAdd(q, t, hn::Set(d, 1.0f));
  const V one = hn::Set(d, 1.0f);
  return ClampKeepNan(hn::Neg(one), one, hn::Div(hn::Mul(u, p), q));
}

// tanh x, 1 beyond where float tells it from 1.
template <class D, class V>
HWY_INLINE V SafeTanh(D d, V x) {
  const V limit = hn::Set(d, 10.0f);
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Tanh(d, ClampKeepNan(hn::Neg(limit), limit, x)));
}

// log(1 + e^x) = max(x, 0) + log1p(e^-|x|).
template <class D, class V>
HWY_INLINE V Softplus(D d, V x) {
  const V e = hn::Exp(d, hn::Neg(ClampKeepNan(hn::Zero(d), hn::Set(d, 87.0f), hn::Abs(x))));
  const V y = hn::Add(hn::Max(x, hn::Zero(d)), hn::Log1p(d, e));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#endif  // include guard
