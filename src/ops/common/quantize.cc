#include "ops/common/quantize.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "ops/common/expand.h"
#include "tensor/convert.h"

namespace samoyed::ops {

int64_t LinearQuantizer::Quantize(double x) const {
  const double steps = std::nearbyint(x / scale);  // the default rounding mode is half to even
  if (std::isnan(steps)) return zero_point;
  constexpr double kEnd = 4294967296.0;  // past every integer type that is quantised to
  return static_cast<int64_t>(std::fmax(-kEnd, std::fmin(kEnd, steps))) + zero_point;
}

DynamicQuantizer DynamicQuantizer::Over(std::pair<float, float> range) {
  const auto [low, high] = range;
  float scale = (high - low) / 255.0f;
  if (!(scale > 0)) scale = 1;  // all zeros: any scale is right
  const float zero = std::nearbyint(-low / scale);
  return {scale, static_cast<uint8_t>(zero > 0 ? std::min(zero, 255.0f) : 0)};  // an infinite range has no zero point that is a number
}

IntegerRange RangeOf(DType dtype) {
  const int bits = BitWidth(dtype);
  if (ClassOf(dtype) == DTypeClass::kSigned) return {-(int64_t{1} << (bits - 1)), (int64_t{1} << (bits - 1)) - 1};
  return {0, (int64_t{1} << bits) - 1};
}

Result<LinearQuantizer> QuantizerAt(const KernelContext& ctx, int scale, int zero_point) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* s, RequireInput(ctx, scale));
  if (s->size() != 1 || !IsFloat(s->dtype())) {
    return BadInput(ctx.op_type(), " needs one number as scale (input ", scale, "), got ", NameOf(s->dtype()), s->shape().ToString());
  }
  LinearQuantizer quantizer{At<double>(*s), 0};
  const Tensor* z = ctx.input(zero_point);
  if (z == nullptr) return quantizer;
  if (z->size() != 1 || !IsInteger(z->dtype()) || BitWidth(z->dtype()) > 32) {
    return BadInput(ctx.op_type(), " needs one integer as zero point (input ", zero_point, "), got ", NameOf(z->dtype()),
                    z->shape().ToString());
  }
  quantizer.zero_point = At<int64_t>(*z);
  return quantizer;
}

std::vector<double> DequantizeAll(const Tensor& tensor, const LinearQuantizer& quantizer) {
  std::vector<double> values = LoadAll<double>(tensor);
  for (double& v : values) v = (v - static_cast<double>(quantizer.zero_point)) * quantizer.scale;
  return values;
}

void QuantizeAll(const std::vector<double>& values, const LinearQuantizer& quantizer, Tensor& out) {
  const IntegerRange range = RangeOf(out.dtype());
  std::vector<int64_t> quantised(values.size());
  for (size_t i = 0; i < values.size(); ++i) quantised[i] = range.Clamp(quantizer.Quantize(values[i]));
  StoreAll(out, quantised);
}

bool FitByteTotals(const Tensor& weights, int axis, std::span<const int32_t> zeros, std::span<const float> factors,
                   std::vector<int32_t>& bias) {
  constexpr double kMostSteps = 1.0 / 32;
  const int64_t channels = weights.dim(axis);
  int64_t inner = 1;  // elements that follow each other and share a channel
  for (int i = axis + 1; i < weights.rank(); ++i) inner *= weights.dim(i);
  std::vector<int64_t> reach(static_cast<size_t>(channels), 0);
  const bool is_signed = weights.dtype() == DType::kInt8;
  const auto* bytes = static_cast<const uint8_t*>(weights.raw());
  for (int64_t at = 0; at < weights.size();) {
    const auto c = static_cast<size_t>(at / inner % channels);
    const int32_t zero = zeros.empty() ? 0 : zeros[zeros.size() == 1 ? 0 : c];
    int64_t sum = 0;
    for (const int64_t end = at + inner; at < end; ++at) sum += std::abs((is_signed ? static_cast<int8_t>(bytes[at]) : bytes[at]) - zero);
    reach[c] += 255 * sum;
  }
  for (size_t c = 0; c < reach.size(); ++c) {
    const int64_t own = bias.empty() ? 0 : bias[c], missing = std::abs(own) + reach[c] - std::numeric_limits<int32_t>::max();
    if (missing <= 0) continue;
    const float factor = factors[factors.size() == 1 ? 0 : c];
    if (missing > std::abs(own) || !(static_cast<double>(missing) * factor <= kMostSteps)) return false;
    bias[c] = static_cast<int32_t>(own > 0 ? own - missing : own + missing);
  }
  return true;
}

Result<std::vector<double>> LoadCentred(const NodeContext& ctx, const Tensor& tensor, const Tensor* zero_point, int axis) {
  std::vector<double> values = LoadAll<double>(tensor);
  if (zero_point == nullptr) return values;
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> each, BroadcastParameter(ctx, *zero_point, tensor.shape(), axis, "zero point"));
  for (size_t i = 0; i < values.size(); ++i) values[i] -= each[i];
  return values;
}

double RoundToType(DType dtype, double value) {
  if (dtype == DType::kDouble) return value;
  if (dtype == DType::kFloat16 || dtype == DType::kBfloat16) return DecodeFloat(dtype, EncodeFloat(dtype, value));
  return std::fabs(value) < 0x1.ffffffp127 ? static_cast<float>(value) : value;
}

}  // namespace samoyed::ops
