// Elements of any numeric type, read and written in a wide type.
//
// Reference kernels compute in double, int64_t or uint64_t and round once, on the way out; these
// functions are the only place that knows how each of ONNX's element types is laid out in bits.
#ifndef SAMOYED_TENSOR_CONVERT_H_
#define SAMOYED_TENSOR_CONVERT_H_

#include <complex>
#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace samoyed {

// Elements [begin, begin + n) of a tensor of any real numeric type or bool, converted to Wide:
// double (rounds 64-bit integers), int64_t (wraps uint64, truncates floats), uint64_t, or
// std::complex<double> (any type but string).
void Load(const Tensor& tensor, int64_t begin, int64_t n, double* out);
void Load(const Tensor& tensor, int64_t begin, int64_t n, int64_t* out);
void Load(const Tensor& tensor, int64_t begin, int64_t n, uint64_t* out);
void Load(const Tensor& tensor, int64_t begin, int64_t n, std::complex<double>* out);

// The other way. Floats round to nearest even (8-, 4-bit ones saturate); integers keep their low
// bits when the value is wider than the type; doubles into integers truncate toward zero, with NaN
// as 0 and out-of-range values clamped; anything into bool is != 0.
void Store(Tensor& tensor, int64_t begin, int64_t n, const double* in);
void Store(Tensor& tensor, int64_t begin, int64_t n, const int64_t* in);
void Store(Tensor& tensor, int64_t begin, int64_t n, const uint64_t* in);
void Store(Tensor& tensor, int64_t begin, int64_t n, const std::complex<double>* in);

// A whole tensor at once.
template <typename Wide>
std::vector<Wide> LoadAll(const Tensor& tensor) {
  std::vector<Wide> out(static_cast<size_t>(tensor.size()));
  Load(tensor, 0, tensor.size(), out.data());
  return out;
}
template <typename Wide>
void StoreAll(Tensor& tensor, const std::vector<Wide>& values) {
  Store(tensor, 0, tensor.size(), values.data());
}
// Element `index`, for scalars and small parameters.
template <typename Wide>
Wide At(const Tensor& tensor, int64_t index = 0) {
  Wide out;
  Load(tensor, index, 1, &out);
  return out;
}

// n numbers of float16, by their bits, as float.
void WidenHalves(const uint16_t* from, int64_t n, float* to);
// A tensor of float16 or bfloat16 as float, which holds every number of both.
Result<Tensor> WidenHalf(const Tensor& tensor);

// One number to and from the bits of a narrow float type. How a value above the largest finite one
// ends is the standard's Cast: saturated to that, or infinity (NaN where the type has no infinity).
double DecodeFloat(DType dtype, uint32_t bits);
uint32_t EncodeFloat(DType dtype, double value, bool saturate = true);
// float8e8m0 has powers of two only; how to round to one is chosen (Cast's round_mode).
enum class RoundMode : uint8_t { kUp, kDown, kNearest };
uint8_t EncodeE8M0(double value, RoundMode mode, bool saturate);

}  // namespace samoyed

#endif  // SAMOYED_TENSOR_CONVERT_H_
