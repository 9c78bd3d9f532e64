#include "ops/common/cast.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <utility>

#include "ops/common/quantize.h"
#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

constexpr int64_t kChunk = 256;

struct FloatRules {
  bool saturate;
  RoundMode round_mode;
};

// float8 types by the rules that the node chose; Store knows the standard's default only.
void StoreFloat8(Tensor& out, int64_t at, int64_t n, const double* in, const FloatRules& rules) {
  for (int64_t i = 0; i < n; ++i) {
    out.mutable_data<uint8_t>()[at + i] = out.dtype() == DType::kFloat8E8M0
                                              ? EncodeE8M0(in[i], rules.round_mode, rules.saturate)
                                              : static_cast<uint8_t>(EncodeFloat(out.dtype(), in[i], rules.saturate));
  }
}

// A 64-bit integer as a double that rounds to the same narrow float as the integer itself: bits that do not
// fit leave a trace in the last one that does (round to odd).
double SoundDouble(uint64_t magnitude) {
  constexpr uint64_t kLow = (1u << 11) - 1;
  if (magnitude >> 53 == 0) return static_cast<double>(magnitude);
  const uint64_t sticky = (magnitude & kLow) != 0 ? kLow + 1 : 0;
  return static_cast<double>((magnitude & ~kLow) | sticky);
}

template <typename Wide>
void IntsToFloats(const Tensor& in, Tensor& out, const FloatRules& rules) {
  Wide ints[kChunk];
  double floats[kChunk];
  const bool to_double = out.dtype() == DType::kDouble;
  for (int64_t at = 0; at < in.size(); at += kChunk) {
    const int64_t n = std::min(kChunk, in.size() - at);
    Load(in, at, n, ints);
    for (int64_t i = 0; i < n; ++i) {
      const bool negative = ints[i] < Wide{0};
      const uint64_t magnitude = negative ? -static_cast<uint64_t>(ints[i]) : static_cast<uint64_t>(ints[i]);
      floats[i] = to_double ? static_cast<double>(ints[i]) : negative ? -SoundDouble(magnitude) : SoundDouble(magnitude);
    }
    if (BitWidth(out.dtype()) == 8) {
      StoreFloat8(out, at, n, floats, rules);
    } else {
      Store(out, at, n, floats);
    }
  }
}

template <typename Wide>
void ConvertAs(const Tensor& in, Tensor& out, const FloatRules& rules) {
  Wide chunk[kChunk];
  for (int64_t at = 0; at < in.size(); at += kChunk) {
    const int64_t n = std::min(kChunk, in.size() - at);
    Load(in, at, n, chunk);
    if constexpr (std::is_same_v<Wide, double>) {
      if (IsFloat(out.dtype()) && BitWidth(out.dtype()) == 8) {
        StoreFloat8(out, at, n, chunk, rules);
        continue;
      }
    }
    Store(out, at, n, chunk);
  }
}

void NumbersToNumbers(const Tensor& in, Tensor& out, const FloatRules& rules) {
  const bool to_float = IsFloat(out.dtype());
  switch (ClassOf(in.dtype())) {
    case DTypeClass::kSigned:
      return to_float ? IntsToFloats<int64_t>(in, out, rules) : ConvertAs<int64_t>(in, out, rules);
    case DTypeClass::kUnsigned:
    case DTypeClass::kBool:
      return to_float ? IntsToFloats<uint64_t>(in, out, rules) : ConvertAs<uint64_t>(in, out, rules);
    case DTypeClass::kComplex:
      return ConvertAs<std::complex<double>>(in, out, rules);
    default:
      // Out of range is undefined; the standard's reference keeps the low bits for 2- and 4-bit integers.
      if (IsInteger(out.dtype()) && IsSubByte(out.dtype())) return ConvertAs<int64_t>(in, out, rules);
      return ConvertAs<double>(in, out, rules);
  }
}

// The fewest digits that read back as the same number of the type: "0.1" for the float nearest to 0.1. Plain between
// 1e-4 and 1e16 and with a fraction ("2.0"), scientific beyond ("1e+20"), as the standard's reference prints.
std::string FloatText(double value, DType dtype) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "INF" : "-INF";
  char buffer[64];
  const double magnitude = std::fabs(value);
  const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::to_chars_result end{};
  if (dtype == DType::kDouble) {
    end = std::to_chars(buffer, buffer + sizeof buffer, value, format);
  } else {
    float digits = static_cast<float>(value);
    for (int precision = 1; dtype != DType::kFloat && precision < 9; ++precision) {  // types narrower than float
      char short_text[32];
      const auto stop = std::to_chars(short_text, short_text + sizeof short_text, value, std::chars_format::scientific, precision - 1);
      float read = 0;
      std::from_chars(short_text, stop.ptr, read);
      if (EncodeFloat(dtype, read) != EncodeFloat(dtype, value)) continue;
      digits = read;
      break;
    }
    end = std::to_chars(buffer, buffer + sizeof buffer, digits, format);
  }
  std::string text(buffer, end.ptr);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

void NumbersToStrings(const Tensor& in, Tensor& out) {
  std::string* text = out.mutable_strings();
  for (int64_t i = 0; i < in.size(); ++i) {
    switch (ClassOf(in.dtype())) {
      case DTypeClass::kSigned:
        text[i] = StrCat(At<int64_t>(in, i));
        break;
      case DTypeClass::kUnsigned:
        text[i] = StrCat(At<uint64_t>(in, i));
        break;
      case DTypeClass::kBool:
        text[i] = At<uint64_t>(in, i) != 0 ? "1" : "0";
        break;
      default:
        text[i] = FloatText(At<double>(in, i), in.dtype());
    }
  }
}

// A whole text as a number: digits, a fraction, an exponent; INF, +INF, -INF and NaN in any case.
template <typename T>
bool ParseAll(std::string_view text, T* value) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  if (text.empty() || text[0] == '+') return false;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (end.ec == std::errc::result_out_of_range && std::is_floating_point_v<T> && end.ptr == text.data() + text.size()) {
    // Too large is infinity, too small is zero: the sign of the exponent tells which.
    const size_t e = text.find_first_of("eE");
    const bool tiny = e != std::string_view::npos && e + 1 < text.size() && text[e + 1] == '-';
    const double limit = tiny ? 0 : std::numeric_limits<double>::infinity();
    *value = static_cast<T>(text[0] == '-' ? -limit : limit);
    return true;
  }
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Whether a number written as text is one of an integer type (or of bool, where any is). Numbers that wrap around are casts
// of numbers; a text that names no element of the type has no meaning at all.
bool InRange(DType dtype, int64_t value) {
  if (dtype == DType::kInt64 || dtype == DType::kBool) return true;
  if (dtype == DType::kUint64) return value >= 0;
  const IntegerRange range = RangeOf(dtype);
  return value >= range.low && value <= range.high;
}
bool InRange(DType dtype, uint64_t value) {
  return dtype == DType::kUint64 || dtype == DType::kBool || (std::in_range<int64_t>(value) && InRange(dtype, static_cast<int64_t>(value)));
}
bool InRange(DType dtype, double value) {
  if (dtype == DType::kBool) return true;
  if (dtype == DType::kUint64) return value > -1 && value < 0x1p64;
  return value >= -0x1p63 && value < 0x1p63 && InRange(dtype, static_cast<int64_t>(value));
}

Status StringsToNumbers(const Tensor& in, Tensor& out, const FloatRules& rules) {
  for (int64_t i = 0; i < in.size(); ++i) {
    const std::string_view text = Trimmed(in.strings()[static_cast<size_t>(i)]);
    int64_t whole = 0;
    uint64_t natural = 0;
    double number = 0;
    float single = 0;
    bool fits = true;
    if (!IsFloat(out.dtype()) && ParseAll(text, &whole)) {
      fits = !IsInteger(out.dtype()) || InRange(out.dtype(), whole);
      Store(out, i, 1, &whole);
    } else if (!IsFloat(out.dtype()) && ParseAll(text, &natural)) {
      fits = !IsInteger(out.dtype()) || InRange(out.dtype(), natural);
      Store(out, i, 1, &natural);
    } else if (out.dtype() == DType::kFloat && ParseAll(text, &single)) {
      out.mutable_data<float>()[i] = single;
    } else if (ParseAll(text, &number)) {
      fits = !IsInteger(out.dtype()) || InRange(out.dtype(), number);
      if (IsFloat(out.dtype()) && BitWidth(out.dtype()) == 8) {
        StoreFloat8(out, i, 1, &number, rules);
      } else {
        Store(out, i, 1, &number);
      }
    } else {
      return BadInput("the text '", text.substr(0, 40), "' is not a number, so it cannot be cast to ", NameOf(out.dtype()));
    }
    if (!fits) return BadInput("the text '", text.substr(0, 40), "' is no number of type ", NameOf(out.dtype()));
  }
  return OkStatus();
}

Result<FloatRules> RulesOf(const NodeContext& ctx) {
  FloatRules rules{ctx.attributes().Int("saturate", 1) != 0, RoundMode::kUp};
  const std::string_view mode = ctx.attributes().String("round_mode", "up");
  if (mode == "down") rules.round_mode = RoundMode::kDown;
  if (mode == "nearest") rules.round_mode = RoundMode::kNearest;
  if (mode != "up" && mode != "down" && mode != "nearest")
    return BadInput(ctx.op_type(), ": round_mode '", mode, "' is none of up, down, nearest");
  return rules;
}

}  // namespace

Status RunCastTo(KernelContext& ctx, DType to) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const FloatRules rules, RulesOf(ctx));
  if (in->dtype() == to) {
    ctx.set_output(0, *in);
    return OkStatus();
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, to, in->shape());
  if (in->dtype() == DType::kString) return StringsToNumbers(*in, *out, rules);
  if (to == DType::kString) {
    if (ClassOf(in->dtype()) == DTypeClass::kComplex) return BadInput(ctx.op_type(), ": complex numbers have no text form");
    NumbersToStrings(*in, *out);
    return OkStatus();
  }
  NumbersToNumbers(*in, *out, rules);
  return OkStatus();
}

}  // namespace samoyed::ops
