// What the processor can do at most: multiply-adds that depend on nothing, and reading memory in order.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_PEAK_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_PEAK_H_

#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

struct PeakFns {
  // Goes `rounds` times over vectors of fp32 multiply-adds, each of which only waits for itself; returns something made of them.
  float (*multiply_add)(int64_t rounds, float factor);
  int64_t flops_per_round;
  // The sum of n floats.
  float (*read)(const float* x, int64_t n);
};

const PeakFns& PeakFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_PEAK_H_
