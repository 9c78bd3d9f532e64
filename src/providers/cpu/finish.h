// A node's epilogue in the form that fp32 kernels apply it: y = f(clamp(x + residual)).
#ifndef SAMOYED_PROVIDERS_CPU_FINISH_H_
#define SAMOYED_PROVIDERS_CPU_FINISH_H_

#include <limits>

#include "graph/graph.h"
#include "providers/cpu/simd/elementwise.h"

namespace samoyed::cpu {

struct Finish {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
  UnaryFn activate = nullptr;  // what a clamp cannot express, on values that are already stored
  float alpha = 0, beta = 0;
  bool has_residual = false;

  static Finish From(const Epilogue& epilogue, CpuLevel level);
};

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_FINISH_H_
