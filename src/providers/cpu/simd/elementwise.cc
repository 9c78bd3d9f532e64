#include "providers/cpu/simd/elementwise.h"

#include <algorithm>
#include <bit>

#include "providers/cpu/simd/targets.h"
#include "tensor/convert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "providers/cpu/simd/elementwise.cc"
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

// --- functions of one vector; alpha and beta as in Epilogue ---

#define SAMOYED_UNARY(name, ...)                        \
  struct name {                                         \
    static HWY_INLINE V Of(D d, V x, V alpha, V beta) { \
      (void)d, (void)alpha, (void)beta;                 \
      __VA_ARGS__                                       \
    }                                                   \
  };

SAMOYED_UNARY(Copy, return x;)
SAMOYED_UNARY(Relu, return ClampKeepNan(hn::Zero(d), hn::Inf(d), x);)
SAMOYED_UNARY(LeakyRelu, return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Mul(alpha, x), x);)
SAMOYED_UNARY(Clip, return ClampKeepNan(alpha, beta, x);)
SAMOYED_UNARY(SigmoidOf, return Sigmoid(d, x);)
SAMOYED_UNARY(HardSigmoid, return ClampKeepNan(hn::Zero(d), hn::Set(d, 1.0f), hn::MulAdd(alpha, x, beta));)
SAMOYED_UNARY(TanhOf, return SafeTanh(d, x);)
SAMOYED_UNARY(HardSwish,
              return hn::Mul(x, ClampKeepNan(hn::Zero(d), hn::Set(d, 1.0f), hn::MulAdd(x, hn::Set(d, 1.0f / 6), hn::Set(d, 0.5f))));)
SAMOYED_UNARY(Silu, return hn::Mul(x, Sigmoid(d, x));)
SAMOYED_UNARY(Gelu, return hn::Mul(hn::Mul(x, hn::Set(d, 0.5f)), hn::Add(hn::Set(d, 1.0f), Erf(d, hn::Mul(x, hn::Set(d, 0.70710678f)))));)
SAMOYED_UNARY(GeluTanh, const V cube = hn::Mul(hn::Mul(x, x), x);
              const V inner = hn::Mul(hn::Set(d, 0.79788456f), hn::MulAdd(cube, hn::Set(d, 0.044715f), x));
              return hn::Mul(hn::Mul(x, hn::Set(d, 0.5f)), hn::Add(hn::Set(d, 1.0f), SafeTanh(d, inner)));)
SAMOYED_UNARY(Elu, const V below = hn::Mul(alpha, hn::Expm1(d, ClampKeepNan(hn::Set(d, -87.0f), hn::Zero(d), x)));
              return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), below, x);)
SAMOYED_UNARY(SoftplusOf, return Softplus(d, x);)
SAMOYED_UNARY(Mish, return hn::Mul(x, SafeTanh(d, Softplus(d, x)));)

SAMOYED_UNARY(AbsOf, return hn::Abs(x);)
SAMOYED_UNARY(NegOf, return hn::Neg(x);)
SAMOYED_UNARY(ExpOf, return SafeExp(d, x);)
SAMOYED_UNARY(LogOf, return SafeLog(d, x);)
SAMOYED_UNARY(SqrtOf, return hn::Sqrt(x);)
SAMOYED_UNARY(Reciprocal, return hn::Div(hn::Set(d, 1.0f), x);)
SAMOYED_UNARY(ErfOf, return Erf(d, x);)
SAMOYED_UNARY(FloorOf, return hn::Floor(x);)
SAMOYED_UNARY(CeilOf, return hn::Ceil(x);)
SAMOYED_UNARY(RoundOf, return hn::Round(x);)
SAMOYED_UNARY(Square, return hn::Mul(x, x);)

template <class Fn>
void Unary(const float* x, float* y, int64_t n, float alpha, float beta) {
  const D d;
  const V a = hn::Set(d, alpha), b = hn::Set(d, beta);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(Fn::Of(d, hn::LoadU(d, x + i), a, b), d, y + i);
  if (i < n) StorePartial(Fn::Of(d, LoadPartial(d, x + i, static_cast<size_t>(n - i)), a, b), d, y + i, static_cast<size_t>(n - i));
}

// --- functions of two ---

#define SAMOYED_BINARY(name, ...)           \
  struct name {                             \
    static HWY_INLINE V Of(D d, V a, V b) { \
      (void)d;                              \
      __VA_ARGS__                           \
    }                                       \
  };

SAMOYED_BINARY(AddOf, return hn::Add(a, b);)
SAMOYED_BINARY(SubOf, return hn::Sub(a, b);)
SAMOYED_BINARY(MulOf, return hn::Mul(a, b);)
SAMOYED_BINARY(DivOf, return hn::Div(a, b);)
SAMOYED_BINARY(MinOf, return hn::IfThenElse(hn::IsNaN(a), a, hn::IfThenElse(hn::IsNaN(b), b, hn::Min(a, b)));)
SAMOYED_BINARY(MaxOf, return hn::IfThenElse(hn::IsNaN(a), a, hn::IfThenElse(hn::IsNaN(b), b, hn::Max(a, b)));)
SAMOYED_BINARY(Prelu, return hn::IfThenElse(hn::Lt(a, hn::Zero(d)), hn::Mul(a, b), a);)

template <class Fn, Operands kOperands>
void Binary(const float* a, const float* b, float* y, int64_t n) {
  const D d;
  const V one_a = hn::Set(d, n > 0 ? *a : 0), one_b = hn::Set(d, n > 0 ? *b : 0);
  auto load = [&](const float* p, V one, bool scalar, int64_t i) HWY_ATTR {
    return scalar ? one : i + kLanes <= n ? hn::LoadU(d, p + i) : LoadPartial(d, p + i, static_cast<size_t>(n - i));
  };
  for (int64_t i = 0; i < n; i += kLanes) {
    const V r = Fn::Of(d, load(a, one_a, kOperands == Operands::kScalarA, i), load(b, one_b, kOperands == Operands::kScalarB, i));
    if (i + kLanes <= n) {
      hn::StoreU(r, d, y + i);
    } else {
      StorePartial(r, d, y + i, static_cast<size_t>(n - i));
    }
  }
}

void Affine(const float* x, const float* scale, const float* shift, float low, float high, float* y, int64_t n) {
  const D d;
  const V lo = hn::Set(d, low), hi = hn::Set(d, high);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    hn::StoreU(ClampKeepNan(lo, hi, hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, scale + i), hn::LoadU(d, shift + i))), d, y + i);
  }
  if (i < n) {
    const auto rest = static_cast<size_t>(n - i);
    StorePartial(
        ClampKeepNan(lo, hi, hn::MulAdd(LoadPartial(d, x + i, rest), LoadPartial(d, scale + i, rest), LoadPartial(d, shift + i, rest))), d,
        y + i, rest);
  }
}

// --- bytes ---

template <typename Byte>
void Dequantize(const Byte* q, float zero, float scale, float* y, int64_t n) {
  const D d;
  const hn::Rebind<int32_t, D> di;
  const hn::Rebind<Byte, D> db;
  const V s = hn::Set(d, scale), z = hn::Set(d, zero);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    hn::StoreU(hn::Mul(hn::Sub(hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(db, q + i))), z), s), d, y + i);
  }
  for (; i < n; ++i) y[i] = (static_cast<float>(q[i]) - zero) * scale;
}

template <typename Byte>
void Quantize(const float* x, float zero, float scale, Byte* q, int64_t n) {
  const D d;
  const hn::Rebind<int32_t, D> di;
  const hn::Rebind<Byte, D> db;
  const V s = hn::Set(d, scale), z = hn::Set(d, zero);
  // Clamped before the conversion to integers; NaN becomes 0 before the zero point is added, as in a saturating conversion.
  constexpr float kLow = std::is_signed_v<Byte> ? -128.0f : 0.0f, kHigh = std::is_signed_v<Byte> ? 127.0f : 255.0f;
  const V low = hn::Set(d, kLow), high = hn::Set(d, kHigh);
  auto convert = [&](V v) HWY_ATTR {
    V r = hn::Round(hn::Div(v, s));
    r = hn::IfThenElse(hn::IsNaN(r), hn::Zero(d), r);
    return hn::DemoteTo(db, hn::ConvertTo(di, hn::Min(high, hn::Max(low, hn::Add(r, z)))));
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(convert(hn::LoadU(d, x + i)), db, q + i);
  if (i < n) {
    HWY_ALIGN Byte buffer[HWY_MAX_BYTES];
    hn::StoreU(convert(LoadPartial(d, x + i, static_cast<size_t>(n - i))), db, buffer);
    for (int64_t k = 0; i < n; ++i, ++k) q[i] = buffer[k];
  }
}

// Each operation rounds by itself, so that all targets agree.
template <typename Byte, bool kMultiply, Operands kOperands>
void BinaryOfBytes(const void* a, const void* b, const ByteBinary& p, void* y, int64_t n) {
  const D d;
  const hn::Rebind<int32_t, D> di;
  const hn::Rebind<Byte, D> db;
  const auto *x = static_cast<const Byte*>(a), *z = static_cast<const Byte*>(b);
  auto* out = static_cast<Byte*>(y);
  const auto a_zero = hn::Set(di, p.a_zero), b_zero = hn::Set(di, p.b_zero), zero = hn::Set(di, p.zero);
  const V a_factor = hn::Set(d, p.a_factor), b_factor = hn::Set(d, p.b_factor), low = hn::Set(d, p.low), high = hn::Set(d, p.high);
  const auto one_x = hn::Sub(hn::Set(di, n > 0 ? *x : 0), a_zero), one_z = hn::Sub(hn::Set(di, n > 0 ? *z : 0), b_zero);
  auto compute = [&](auto u, auto v) HWY_ATTR {
    V sum;
    if constexpr (kMultiply) {
      sum = hn::Mul(hn::ConvertTo(d, hn::Mul(u, v)), a_factor);
    } else {
      sum = hn::Add(hn::Mul(hn::ConvertTo(d, u), a_factor), hn::Mul(hn::ConvertTo(d, v), b_factor));
    }
    return hn::DemoteTo(db, hn::Add(hn::NearestInt(hn::Min(high, hn::Max(low, sum))), zero));
  };
  auto load = [&](const Byte* from, auto one, auto offset, bool scalar, int64_t i)
                  HWY_ATTR { return scalar ? one : hn::Sub(hn::PromoteTo(di, hn::LoadU(db, from + i)), offset); };
  constexpr bool kOneX = kOperands == Operands::kScalarA, kOneZ = kOperands == Operands::kScalarB;
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(compute(load(x, one_x, a_zero, kOneX, i), load(z, one_z, b_zero, kOneZ, i)), db, out + i);
  if (i == n) return;
  HWY_ALIGN Byte rest_x[HWY_MAX_BYTES] = {}, rest_z[HWY_MAX_BYTES] = {}, rest[HWY_MAX_BYTES];
  for (int64_t k = 0; i + k < n; ++k) {
    if (!kOneX) rest_x[k] = x[i + k];
    if (!kOneZ) rest_z[k] = z[i + k];
  }
  hn::StoreU(compute(load(rest_x, one_x, a_zero, kOneX, 0), load(rest_z, one_z, b_zero, kOneZ, 0)), db, rest);
  for (int64_t k = 0; i + k < n; ++k) out[i + k] = rest[k];
}

// --- 16-bit floats ---

// Targets without conversions of their own go by the arithmetic of float, as WidenHalves does the other way (M. Dukhan's FP16).
uint16_t FloatToHalf(float f) {
  const uint32_t w = std::bit_cast<uint32_t>(f), rest = w << 1, sign = w & 0x80000000u;
  const float scaled = (std::bit_cast<float>(w & 0x7fffffffu) * 0x1p+112f) * 0x1p-110f;
  const uint32_t bias = std::max(rest & 0xff000000u, 0x71000000u);
  const uint32_t bits = std::bit_cast<uint32_t>(std::bit_cast<float>((bias >> 1) + 0x07800000u) + scaled);
  const uint32_t magnitude = rest > 0xff000000u ? 0x7e00u : ((bits >> 13) & 0x7c00u) + (bits & 0x0fffu);
  return static_cast<uint16_t>((sign >> 16) | magnitude);
}

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON
#define SAMOYED_HAS_HALF 1
#else
#define SAMOYED_HAS_HALF 0
#endif

void FromHalf(const void* from, void* to, int64_t n) {
  const auto* x = static_cast<const uint16_t*>(from);
  auto* y = static_cast<float*>(to);
  int64_t i = 0;
#if SAMOYED_HAS_HALF
  const D d;
  const hn::Rebind<hwy::float16_t, D> dh;
  for (; i + kLanes <= n; i += kLanes)
    hn::StoreU(hn::PromoteTo(d, hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(x + i))), d, y + i);
#endif
  WidenHalves(x + i, n - i, y + i);
}

void ToHalf(const void* from, void* to, int64_t n) {
  const auto* x = static_cast<const float*>(from);
  auto* y = static_cast<uint16_t*>(to);
  int64_t i = 0;
#if SAMOYED_HAS_HALF
  const D d;
  const hn::Rebind<hwy::float16_t, D> dh;
  for (; i + kLanes <= n; i += kLanes) hn::StoreU(hn::DemoteTo(dh, hn::LoadU(d, x + i)), dh, reinterpret_cast<hwy::float16_t*>(y + i));
#endif
  for (; i < n; ++i) y[i] = FloatToHalf(x[i]);
}
#undef SAMOYED_HAS_HALF

void FromBfloat(const void* from, void* to, int64_t n) {
  const auto* x = static_cast<const uint16_t*>(from);
  auto* y = static_cast<uint32_t*>(to);
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<uint32_t>(x[i]) << 16;
}

void ToBfloat(const void* from, void* to, int64_t n) {
  const auto* x = static_cast<const uint32_t*>(from);
  auto* y = static_cast<uint16_t*>(to);
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t w = x[i];
    const bool nan = (w & 0x7fffffffu) > 0x7f800000u;  // rounding might make it an infinity
    y[i] = static_cast<uint16_t>(nan ? (w >> 16) | 0x40u : (w + 0x7fffu + ((w >> 16) & 1)) >> 16);
  }
}

void Range(const float* x, int64_t n, float* low, float* high) {
  const D d;
  V lows[2] = {hn::Zero(d), hn::Zero(d)}, highs[2] = {hn::Zero(d), hn::Zero(d)};
  auto take = [&](V v, int at) HWY_ATTR {
    v = hn::IfThenElse(hn::IsNaN(v), hn::Zero(d), v);
    lows[at] = hn::Min(lows[at], v);
    highs[at] = hn::Max(highs[at], v);
  };
  int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    take(hn::LoadU(d, x + i), 0);
    take(hn::LoadU(d, x + i + kLanes), 1);
  }
  for (; i < n; i += kLanes) take(LoadPartial(d, x + i, static_cast<size_t>(std::min(kLanes, n - i))), 0);
  *low = hn::GetLane(hn::MinOfLanes(d, hn::Min(lows[0], lows[1])));
  *high = hn::GetLane(hn::MaxOfLanes(d, hn::Max(highs[0], highs[1])));
}

#define SAMOYED_BINARY_ROW(Fn) \
  { Binary<Fn, Operands::kBoth>, Binary<Fn, Operands::kScalarB>, Binary<Fn, Operands::kScalarA> }

#define SAMOYED_BYTES(Byte, kMultiply)                                                                   \
  {                                                                                                      \
    BinaryOfBytes<Byte, kMultiply, Operands::kBoth>, BinaryOfBytes<Byte, kMultiply, Operands::kScalarB>, \
        BinaryOfBytes<Byte, kMultiply, Operands::kScalarA>                                               \
  }

constexpr ElementwiseFns kElementwiseFns = {
    .activation = {Unary<Copy>, Unary<Relu>, Unary<LeakyRelu>, Unary<Clip>, Unary<SigmoidOf>, Unary<HardSigmoid>, Unary<TanhOf>,
                   Unary<HardSwish>, Unary<Silu>, Unary<Gelu>, Unary<GeluTanh>, Unary<Elu>, Unary<SoftplusOf>, Unary<Mish>},
    .unary = {Unary<AbsOf>, Unary<NegOf>, Unary<ExpOf>, Unary<LogOf>, Unary<SqrtOf>, Unary<Reciprocal>, Unary<ErfOf>, Unary<FloorOf>,
              Unary<CeilOf>, Unary<RoundOf>, Unary<Square>},
    .binary = {SAMOYED_BINARY_ROW(AddOf), SAMOYED_BINARY_ROW(SubOf), SAMOYED_BINARY_ROW(MulOf), SAMOYED_BINARY_ROW(DivOf),
               SAMOYED_BINARY_ROW(MinOf), SAMOYED_BINARY_ROW(MaxOf), SAMOYED_BINARY_ROW(Prelu)},
    .affine = Affine,
    .dequantize_u8 = Dequantize<uint8_t>,
    .dequantize_s8 = Dequantize<int8_t>,
    .quantize_u8 = Quantize<uint8_t>,
    .quantize_s8 = Quantize<int8_t>,
    .byte_binary = {{SAMOYED_BYTES(uint8_t, false), SAMOYED_BYTES(int8_t, false)},
                    {SAMOYED_BYTES(uint8_t, true), SAMOYED_BYTES(int8_t, true)}},
    .from_half = FromHalf,
    .to_half = ToHalf,
    .from_bfloat = FromBfloat,
    .to_bfloat = ToBfloat,
    .range = Range,
};

#undef SAMOYED_UNARY
#undef SAMOYED_BINARY
#undef SAMOYED_BINARY_ROW
#undef SAMOYED_BYTES

}  // namespace HWY_NAMESPACE
}  // namespace samoyed::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace samoyed::cpu {
SAMOYED_DEFINE_CHOICE(ElementwiseFnsFor, ElementwiseFns, kElementwiseFns)
}  // namespace samoyed::cpu
#endif
