#include "tensor/convert.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "tensor/packed.h"

namespace samoyed {
namespace {

// A sign bit, then exponent, then mantissa; what the all-ones exponent means differs.
enum class Specials : uint8_t {
  kIeee,     // all-ones exponent: infinity and NaN
  kNanOnly,  // all ones everywhere: NaN; no infinity ("fn")
  kUnsignedZero,  // only -0's pattern is NaN; no infinity, no -0 ("fnuz")
  kNone,     // every pattern is a number
};
struct FloatFormat {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  Specials specials;
};

constexpr FloatFormat FormatOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat16: return {5, 10, 15, Specials::kIeee};
    case DType::kBfloat16: return {8, 7, 127, Specials::kIeee};
    case DType::kFloat8E4M3FN: return {4, 3, 7, Specials::kNanOnly};
    case DType::kFloat8E4M3FNUZ: return {4, 3, 8, Specials::kUnsignedZero};
    case DType::kFloat8E5M2: return {5, 2, 15, Specials::kIeee};
    case DType::kFloat8E5M2FNUZ: return {5, 2, 16, Specials::kUnsignedZero};
    case DType::kFloat4E2M1: return {2, 1, 1, Specials::kNone};
    case DType::kFloat6E2M3: return {2, 3, 1, Specials::kNone};
    case DType::kFloat6E3M2: return {3, 2, 3, Specials::kNone};
    default: return {0, 0, 0, Specials::kNone};
  }
}

// The bits of the largest finite magnitude.
constexpr uint32_t MaxFiniteBits(const FloatFormat& f) {
  const uint32_t all_ones = (1u << (f.exponent_bits + f.mantissa_bits)) - 1;
  if (f.specials == Specials::kIeee) return all_ones - (1u << f.mantissa_bits);
  return f.specials == Specials::kNanOnly ? all_ones - 1 : all_ones;
}

constexpr uint32_t SignBit(const FloatFormat& f) { return 1u << (f.exponent_bits + f.mantissa_bits); }

constexpr uint32_t NanBits(const FloatFormat& f) {
  switch (f.specials) {
    case Specials::kIeee: return MaxFiniteBits(f) + 1 + (1u << (f.mantissa_bits - 1));
    case Specials::kNanOnly: return MaxFiniteBits(f) + 1;
    case Specials::kUnsignedZero: return SignBit(f);
    case Specials::kNone: return SignBit(f);  // no NaN to give: -0, as the standard's reference does
  }
  return 0;
}

double DecodeMagnitude(const FloatFormat& f, uint32_t bits) {
  const uint32_t mantissa = bits & ((1u << f.mantissa_bits) - 1);
  const int exponent = static_cast<int>(bits >> f.mantissa_bits);
  if (exponent == 0) return std::ldexp(mantissa, 1 - f.bias - f.mantissa_bits);
  return std::ldexp(mantissa | (1u << f.mantissa_bits), exponent - f.bias - f.mantissa_bits);
}

double DecodeE8M0(uint32_t bits) {
  return bits == 0xff ? std::numeric_limits<double>::quiet_NaN() : std::ldexp(1.0, static_cast<int>(bits) - 127);
}

int64_t SignExtend(uint32_t bits, int width) {
  const uint32_t sign = 1u << (width - 1);
  return static_cast<int64_t>(bits ^ sign) - static_cast<int64_t>(sign);
}

template <typename Wide, typename T>
Wide Widen(T value) {
  if constexpr (std::is_floating_point_v<T> && std::is_integral_v<Wide>) {
    if (std::isnan(value)) return 0;
    // 2^63 and 2^64 are exact in both float types, so these bounds are, too.
    constexpr T kLow = static_cast<T>(std::numeric_limits<Wide>::min());
    constexpr T kHigh = std::is_signed_v<Wide> ? T(9223372036854775808.0) : T(18446744073709551616.0);
    if (value <= kLow) return std::numeric_limits<Wide>::min();
    if (value >= kHigh) return std::numeric_limits<Wide>::max();
    return static_cast<Wide>(value);
  } else {
    return static_cast<Wide>(value);
  }
}

template <typename Wide>
double RealPart(Wide value) { return static_cast<double>(value); }
double RealPart(std::complex<double> value) { return value.real(); }

template <typename T, typename Wide>
void LoadAs(const Tensor& t, int64_t begin, int64_t n, Wide* out) {
  const T* in = t.data<T>() + begin;
  for (int64_t i = 0; i < n; ++i) out[i] = Widen<Wide>(in[i]);
}

template <typename Wide>
void LoadNarrowFloat(const Tensor& t, int64_t begin, int64_t n, Wide* out) {
  const int width = BitWidth(t.dtype());
  for (int64_t i = begin; i < begin + n; ++i) {
    const uint32_t bits = width == 16 ? t.data<uint16_t>()[i] : width == 8 ? t.data<uint8_t>()[i] : ReadBits(t.data<uint8_t>(), i, width);
    *out++ = Widen<Wide>(DecodeFloat(t.dtype(), bits));
  }
}

template <typename T, typename Wide>
void LoadComplex(const Tensor& t, int64_t begin, int64_t n, Wide* out) {
  const std::complex<T>* in = t.data<std::complex<T>>() + begin;
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<Wide, std::complex<double>>) {
      out[i] = Wide(in[i].real(), in[i].imag());
    } else {
      out[i] = Widen<Wide>(in[i].real());
    }
  }
}

template <typename Wide>
void LoadAny(const Tensor& t, int64_t begin, int64_t n, Wide* out) {
  switch (t.dtype()) {
    case DType::kFloat: return LoadAs<float>(t, begin, n, out);
    case DType::kDouble: return LoadAs<double>(t, begin, n, out);
    case DType::kUint8: return LoadAs<uint8_t>(t, begin, n, out);
    case DType::kInt8: return LoadAs<int8_t>(t, begin, n, out);
    case DType::kUint16: return LoadAs<uint16_t>(t, begin, n, out);
    case DType::kInt16: return LoadAs<int16_t>(t, begin, n, out);
    case DType::kUint32: return LoadAs<uint32_t>(t, begin, n, out);
    case DType::kInt32: return LoadAs<int32_t>(t, begin, n, out);
    case DType::kUint64: return LoadAs<uint64_t>(t, begin, n, out);
    case DType::kInt64: return LoadAs<int64_t>(t, begin, n, out);
    case DType::kBool: {  // any byte that is not 0 is true, whatever a file says
      const uint8_t* in = t.data<uint8_t>() + begin;
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Wide>(in[i] != 0 ? 1 : 0);
      return;
    }
    case DType::kUint4:
    case DType::kUint2:
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Wide>(ReadBits(t.data<uint8_t>(), begin + i, BitWidth(t.dtype())));
      return;
    case DType::kInt4:
    case DType::kInt2: {
      const int width = BitWidth(t.dtype());
      for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Wide>(SignExtend(ReadBits(t.data<uint8_t>(), begin + i, width), width));
      return;
    }
    case DType::kComplex64: return LoadComplex<float>(t, begin, n, out);
    case DType::kComplex128: return LoadComplex<double>(t, begin, n, out);
    case DType::kUndefined:
    case DType::kString:
      for (int64_t i = 0; i < n; ++i) out[i] = Wide{};
      return;
    default: return LoadNarrowFloat(t, begin, n, out);
  }
}

// A wide value into an integer type: floats clamp to its range, integers keep their low bits.
template <typename T, typename Wide>
T Narrow(Wide value) {
  if constexpr (std::is_same_v<Wide, std::complex<double>>) {
    return Narrow<T>(value.real());
  } else if constexpr (std::is_same_v<Wide, double> && std::is_integral_v<T>) {
    if constexpr (sizeof(T) == 8) {
      return Widen<T>(value);
    } else {
      const int64_t wide = Widen<int64_t>(value);
      constexpr int64_t kLow = std::numeric_limits<T>::min();
      constexpr int64_t kHigh = std::numeric_limits<T>::max();
      return static_cast<T>(wide < kLow ? kLow : wide > kHigh ? kHigh : wide);
    }
  } else {
    return static_cast<T>(value);
  }
}

template <typename T, typename Wide>
void StoreAs(Tensor& t, int64_t begin, int64_t n, const Wide* in) {
  T* out = t.mutable_data<T>() + begin;
  for (int64_t i = 0; i < n; ++i) out[i] = Narrow<T>(in[i]);
}

// Float32 rounds a double beyond its range to infinity, as IEEE says; the cast alone is undefined there.
float RoundToFloat(double value) {
  constexpr double kOverflow = 0x1.ffffffp127;  // halfway above the largest float
  if (value >= kOverflow) return std::numeric_limits<float>::infinity();
  if (value <= -kOverflow) return -std::numeric_limits<float>::infinity();
  return static_cast<float>(value);
}

template <typename Wide>
void StorePacked(Tensor& t, int64_t begin, int64_t n, const Wide* in) {
  const int width = BitWidth(t.dtype());
  const bool is_signed = ClassOf(t.dtype()) == DTypeClass::kSigned;
  const int64_t low = is_signed ? -(1 << (width - 1)) : 0;
  const int64_t high = is_signed ? (1 << (width - 1)) - 1 : (1 << width) - 1;
  for (int64_t i = 0; i < n; ++i) {
    int64_t value = Narrow<int64_t>(in[i]);
    if constexpr (!std::is_integral_v<Wide>) value = value < low ? low : value > high ? high : value;
    WriteBits(t.mutable_data<uint8_t>(), begin + i, width, static_cast<uint32_t>(value));
  }
}

template <typename Wide>
void StoreNarrowFloat(Tensor& t, int64_t begin, int64_t n, const Wide* in) {
  const int width = BitWidth(t.dtype());
  for (int64_t i = begin; i < begin + n; ++i) {
    const uint32_t bits = EncodeFloat(t.dtype(), RealPart(*in++));
    if (width == 16) {
      t.mutable_data<uint16_t>()[i] = static_cast<uint16_t>(bits);
    } else if (width == 8) {
      t.mutable_data<uint8_t>()[i] = static_cast<uint8_t>(bits);
    } else {
      WriteBits(t.mutable_data<uint8_t>(), i, width, bits);
    }
  }
}

template <typename T, typename Wide>
void StoreComplex(Tensor& t, int64_t begin, int64_t n, const Wide* in) {
  std::complex<T>* out = t.mutable_data<std::complex<T>>() + begin;
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<Wide, std::complex<double>>) {
      out[i] = std::complex<T>(static_cast<T>(in[i].real()), static_cast<T>(in[i].imag()));
    } else {
      out[i] = std::complex<T>(static_cast<T>(in[i]), 0);
    }
  }
}

template <typename Wide>
void StoreAny(Tensor& t, int64_t begin, int64_t n, const Wide* in) {
  switch (t.dtype()) {
    case DType::kFloat:
      for (int64_t i = 0; i < n; ++i) t.mutable_data<float>()[begin + i] = RoundToFloat(RealPart(in[i]));
      return;
    case DType::kDouble:
      for (int64_t i = 0; i < n; ++i) t.mutable_data<double>()[begin + i] = RealPart(in[i]);
      return;
    case DType::kUint8: return StoreAs<uint8_t>(t, begin, n, in);
    case DType::kInt8: return StoreAs<int8_t>(t, begin, n, in);
    case DType::kUint16: return StoreAs<uint16_t>(t, begin, n, in);
    case DType::kInt16: return StoreAs<int16_t>(t, begin, n, in);
    case DType::kUint32: return StoreAs<uint32_t>(t, begin, n, in);
    case DType::kInt32: return StoreAs<int32_t>(t, begin, n, in);
    case DType::kUint64: return StoreAs<uint64_t>(t, begin, n, in);
    case DType::kInt64: return StoreAs<int64_t>(t, begin, n, in);
    case DType::kBool:
      for (int64_t i = 0; i < n; ++i) t.mutable_data<uint8_t>()[begin + i] = in[i] != Wide{} ? 1 : 0;
      return;
    case DType::kUint4:
    case DType::kInt4:
    case DType::kUint2:
    case DType::kInt2:
      return StorePacked(t, begin, n, in);
    case DType::kComplex64: return StoreComplex<float>(t, begin, n, in);
    case DType::kComplex128: return StoreComplex<double>(t, begin, n, in);
    case DType::kUndefined:
    case DType::kString:
      return;
    default: return StoreNarrowFloat(t, begin, n, in);
  }
}

}  // namespace

namespace {

// By the arithmetic of float: a product with a power of two moves the exponent and makes subnormal numbers right (M. Dukhan's FP16).
float HalfToFloat(uint32_t half) {
  const uint32_t w = half << 16, sign = w & 0x80000000u, rest = w << 1;
  const float normal = std::bit_cast<float>((rest >> 4) + 0x70000000u) * 0x1p-112f;
  const float small = std::bit_cast<float>((rest >> 17) | 0x3f000000u) - 0.5f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(rest < (1u << 27) ? small : normal));
}

}  // namespace

void WidenHalves(const uint16_t* from, int64_t n, float* to) {
  for (int64_t i = 0; i < n; ++i) to[i] = HalfToFloat(from[i]);
}

Result<Tensor> WidenHalf(const Tensor& tensor) {
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(DType::kFloat, tensor.shape()));
  const auto* from = static_cast<const uint16_t*>(tensor.raw());
  float* to = out.mutable_data<float>();
  if (tensor.dtype() == DType::kBfloat16) {
    for (int64_t i = 0; i < tensor.size(); ++i) to[i] = std::bit_cast<float>(static_cast<uint32_t>(from[i]) << 16);
  } else {
    WidenHalves(from, tensor.size(), to);
  }
  return out;
}

double DecodeFloat(DType dtype, uint32_t bits) {
  if (dtype == DType::kFloat16) return HalfToFloat(bits);
  if (dtype == DType::kBfloat16) return std::bit_cast<float>(bits << 16);
  if (dtype == DType::kFloat8E8M0) return DecodeE8M0(bits);
  const FloatFormat f = FormatOf(dtype);
  const uint32_t magnitude = bits & (SignBit(f) - 1);
  const bool negative = (bits & SignBit(f)) != 0;
  double value = 0;
  if (f.specials == Specials::kUnsignedZero && bits == SignBit(f)) return std::numeric_limits<double>::quiet_NaN();
  if (magnitude > MaxFiniteBits(f)) {
    const bool infinite = f.specials == Specials::kIeee && magnitude == MaxFiniteBits(f) + 1;
    value = infinite ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  } else {
    value = DecodeMagnitude(f, magnitude);
  }
  return negative ? -value : value;
}

uint32_t EncodeFloat(DType dtype, double value, bool saturate) {
  if (dtype == DType::kFloat8E8M0) return EncodeE8M0(value, RoundMode::kUp, saturate);
  const FloatFormat f = FormatOf(dtype);
  const uint32_t sign = std::signbit(value) ? SignBit(f) : 0;
  if (std::isnan(value)) return f.specials == Specials::kUnsignedZero ? NanBits(f) : (NanBits(f) | sign);
  const double magnitude = std::fabs(value);
  const uint32_t max_bits = MaxFiniteBits(f);
  // Overflow: 16-bit floats go to infinity as IEEE says; narrower ones saturate unless told otherwise.
  const bool clamps = f.specials == Specials::kNone || (saturate && BitWidth(dtype) <= 8);
  const uint32_t over = clamps ? max_bits : f.specials == Specials::kIeee ? max_bits + 1 : NanBits(f);
  const uint32_t signed_over = f.specials == Specials::kUnsignedZero && !clamps ? over : over | sign;
  if (std::isinf(value)) return signed_over;
  // Round to a multiple of the spacing at this magnitude; ties to even is the default rounding mode.
  const int exponent = magnitude == 0 ? 1 - f.bias : std::max(std::ilogb(magnitude), 1 - f.bias);
  const double steps = std::nearbyint(std::ldexp(magnitude, f.mantissa_bits - exponent));
  const auto hidden = static_cast<double>(1u << f.mantissa_bits);
  if (exponent + f.bias >= (1 << f.exponent_bits)) return signed_over;
  // A carry out of the mantissa adds to the exponent by itself.
  const uint32_t bits = steps < hidden ? static_cast<uint32_t>(steps)
                                       : (static_cast<uint32_t>(exponent + f.bias) << f.mantissa_bits) + static_cast<uint32_t>(steps - hidden);
  if (bits > max_bits) return signed_over;
  return f.specials == Specials::kUnsignedZero && bits == 0 ? 0 : bits | sign;
}

uint8_t EncodeE8M0(double value, RoundMode mode, bool saturate) {
  constexpr uint8_t kNan = 0xff;
  if (std::isnan(value) || std::signbit(value)) return kNan;
  if (std::isinf(value)) return saturate ? 0xfe : kNan;
  if (value == 0) return saturate ? 0 : kNan;
  int exponent = std::ilogb(value);
  const double fraction = std::ldexp(value, -exponent);  // [1, 2)
  if (mode == RoundMode::kUp ? fraction > 1 : mode == RoundMode::kNearest && fraction >= 1.5) ++exponent;
  if (exponent > 127) return saturate ? 0xfe : kNan;
  return exponent < -127 ? (saturate ? 0 : kNan) : static_cast<uint8_t>(exponent + 127);
}

void Load(const Tensor& t, int64_t begin, int64_t n, double* out) { LoadAny(t, begin, n, out); }
void Load(const Tensor& t, int64_t begin, int64_t n, int64_t* out) { LoadAny(t, begin, n, out); }
void Load(const Tensor& t, int64_t begin, int64_t n, uint64_t* out) { LoadAny(t, begin, n, out); }
void Load(const Tensor& t, int64_t begin, int64_t n, std::complex<double>* out) { LoadAny(t, begin, n, out); }
void Store(Tensor& t, int64_t begin, int64_t n, const double* in) { StoreAny(t, begin, n, in); }
void Store(Tensor& t, int64_t begin, int64_t n, const int64_t* in) { StoreAny(t, begin, n, in); }
void Store(Tensor& t, int64_t begin, int64_t n, const uint64_t* in) { StoreAny(t, begin, n, in); }
void Store(Tensor& t, int64_t begin, int64_t n, const std::complex<double>* in) { StoreAny(t, begin, n, in); }

}  // namespace samoyed
