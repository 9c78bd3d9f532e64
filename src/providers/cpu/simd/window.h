// Sliding windows over channels-last fp32 data, a channel at a time: depthwise convolution and pooling.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_WINDOW_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_WINDOW_H_

#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

// `pixels` neighbouring results of all channels, every tap of which lies inside the input:
// y[p][c] = clamp(bias[c] + reduce over i, j of x[p * pixel_stride + i * row_stride + j * tap_stride + c] (* w[i][j][c])) * scale
//                 + residual[p][c], low, high).
// Strides count floats; y and the residual are dense in c, y_stride floats a pixel.
struct WindowArgs {
  const float* x;
  int64_t pixel_stride, row_stride, tap_stride;
  int64_t rows, columns;  // taps
  const float* w;         // depthwise alone: tap (i, j) at i * w_row_stride + j * channels
  int64_t w_row_stride;
  const float* bias;      // null: zeros; not for pooling
  float scale;            // pooling by sums alone
  const float* residual;  // null: none
  float* y;
  int64_t y_stride;
  int64_t pixels, channels;
  float low, high;
};
using WindowFn = void (*)(const WindowArgs&);

struct WindowFns {
  WindowFn depthwise;  // sums of products
  WindowFn sum;        // sums, times scale
  WindowFn max;
};

const WindowFns& WindowFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_WINDOW_H_
