// Linear quantisation as the standard defines it: q = saturate(round_half_even(x / scale) + zero_point).
#ifndef SAMOYED_OPS_COMMON_QUANTIZE_H_
#define SAMOYED_OPS_COMMON_QUANTIZE_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// One scale and zero point for a whole tensor.
struct LinearQuantizer {
  double scale = 1;
  int64_t zero_point = 0;

  double Dequantize(int64_t q) const { return static_cast<double>(q - zero_point) * scale; }
  // Not yet saturated to the type; NaN becomes the zero point, infinities the ends of int32.
  int64_t Quantize(double x) const;
};

// What DynamicQuantizeLinear makes of the range of the data, stretched to hold 0: in float32, as the definition's own arithmetic is.
struct DynamicQuantizer {
  float scale;
  uint8_t zero_point;
  static DynamicQuantizer Over(std::pair<float, float> range);  // low <= 0 <= high
};

// The range of an integer element type of at most 32 bits.
struct IntegerRange {
  int64_t low, high;
  int64_t Clamp(int64_t q) const { return q < low ? low : q > high ? high : q; }
};
IntegerRange RangeOf(DType dtype);

// A sum of products of two quantised operands requantised as QLinearConv's reference has it: in float32,
// round_half_even(sum * factor) + zero_point, not yet saturated.
inline float RequantizeFactor(double a_scale, double b_scale, double y_scale) {
  return static_cast<float>(a_scale) * static_cast<float>(b_scale) / static_cast<float>(y_scale);
}
inline int64_t Requantize(double sum, float factor, int64_t zero_point) {
  return LinearQuantizer{1, zero_point}.Quantize(static_cast<float>(sum) * factor);
}

// Reads the scalar (or one-element) scale and optional zero point at inputs `scale` and `zero_point`.
Result<LinearQuantizer> QuantizerAt(const KernelContext& ctx, int scale, int zero_point);

// All elements of a quantised tensor as real numbers, and real numbers as a quantised tensor.
std::vector<double> DequantizeAll(const Tensor& tensor, const LinearQuantizer& quantizer);
void QuantizeAll(const std::vector<double>& values, const LinearQuantizer& quantizer, Tensor& out);

// Makes sure that bias + sum over k of (x - x zero point) * (w - w zero point) stays within int32 for all bytes x, so that an integer
// kernel may add in any order, modulo 2^32. Quantisers give channels without weights such small scales that their bias is next to 2^31: a
// bias is moved away from the end by what is missing, if that is at most 1/32 of a step of the result (`factors`: steps a unit of the
// total, one or one a channel; infinite where nothing may be moved). False where it would be more. `weights`: bytes, at least one, whose
// output channels lie along `axis`; `zeros`: one, or one a channel, or none (0); `bias`: one a channel, or none.
bool FitByteTotals(const Tensor& weights, int axis, std::span<const int32_t> zeros, std::span<const float> factors,
                   std::vector<int32_t>& bias);

// Elements minus their zero point (null: 0), which is one number, or one an index of `axis` (counted from the front), or
// a tensor that broadcasts to the elements. axis < 0: per-axis zero points are an error unless they broadcast.
Result<std::vector<double>> LoadCentred(const NodeContext& ctx, const Tensor& tensor, const Tensor* zero_point, int axis);

// `value` rounded to a float type of at most 32 bits: quotients are rounded to the type that they are defined in.
double RoundToType(DType dtype, double value);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_QUANTIZE_H_
