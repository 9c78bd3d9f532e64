// Reading the constant parameters of quantised operators.
#ifndef SAMOYED_PROVIDERS_CPU_QUANTISED_H_
#define SAMOYED_PROVIDERS_CPU_QUANTISED_H_

#include <optional>
#include <vector>

#include "providers/provider.h"

namespace samoyed::cpu {

inline bool IsByte(DType dtype) { return dtype == DType::kUint8 || dtype == DType::kInt8; }

// The constant scale at input `scale` and zero point at input `zero` (absent: 0 of type `fallback`) of a tensor of bytes; nullopt where
// they vary, are of other types, or the scale is not a positive number.
struct ByteQuantizer {
  DType dtype;
  float scale;
  int32_t zero;
};
std::optional<ByteQuantizer> QuantizerOf(const KernelSpec& spec, int scale, int zero, DType fallback);

// Constants of one element or of `n`, as numbers; an absent input gives an empty vector. nullopt where they do not fit.
std::optional<std::vector<float>> ScalesOf(const KernelSpec& spec, int input, int64_t n);
std::optional<std::vector<int32_t>> ZerosOf(const KernelSpec& spec, int input, int64_t n, DType dtype);
// n int32 numbers within 2^30 of 0.
std::optional<std::vector<int32_t>> BiasOf(const KernelSpec& spec, int input, int64_t n);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_QUANTISED_H_
