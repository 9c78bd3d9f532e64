// fp32 reductions along contiguous rows, and what normalises a row by them.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_ROWS_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_ROWS_H_

#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

// Rows of n > 0 elements; y may be x.
struct RowFns {
  float (*sum)(const float* x, int64_t n);
  // The largest and the least; NaN where there is one.
  float (*max)(const float* x, int64_t n);
  float (*min)(const float* x, int64_t n);
  // y = e^(x - max) / sum, and its logarithm.
  void (*softmax)(const float* x, float* y, int64_t n);
  void (*log_softmax)(const float* x, float* y, int64_t n);
  // y = (x - mean) / sqrt(variance + epsilon) * scale + bias; scale and bias may be null. With `centred` false the mean counts as 0.
  void (*normalise)(const float* x, const float* scale, const float* bias, float epsilon, bool centred, float* y, int64_t n);
  // y[i] = sum over k < count of weights[k] * x[starts[k] + i]; here n may be 0.
  void (*blend)(const float* x, const int64_t* starts, const float* weights, int64_t count, float* y, int64_t n);
};

const RowFns& RowFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_ROWS_H_
