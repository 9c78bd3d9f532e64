// The depthwise convolution of bytes: one row of outputs whose windows all lie inside the (padded) rows given.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_BYTE_WINDOW_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_BYTE_WINDOW_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

// Channels come in groups of `ByteWindowFns::channels`, in the order of `place` within a group; x has room for whole groups behind each
// row's end. Weights are [group][taps / step, rounded up][channels] of int32s that hold `step` taps: two int16s, or four int8s; 0 for taps
// that are missing in the last. Bias and scale are as wide as the groups, in the same order.
// For pixel p, channel c: y = round_half_even(clamp(float(bias[c] + sum over taps of (x - x_zero) w) * scale[c], low, high)) + zero.
struct ByteWindowArgs {
  const std::byte* x;          // uint8 or int8
  bool x_signed;               // not with four taps a step
  const int64_t* tap_offsets;  // from a pixel's first tap; filled up to whole steps
  int64_t taps;
  int64_t pixel_stride;
  const int32_t* w;
  const int32_t* bias;  // less x_zero times the weights' sum
  const float* scale;
  std::byte* y;
  bool y_signed;
  int64_t pixels, channels;  // of y: its pixels are `channels` apart
  float low, high;
  int32_t zero;
};

struct ByteWindowFns {
  int channels;  // a group
  int step;      // taps: 2 or 4
  int (*place)(int channel);
  void (*depthwise)(const ByteWindowArgs&);
};

// Takes bytes and weights of any kind.
const ByteWindowFns& ByteWindowFnsFor(CpuLevel level);
// For uint8 with weights (less their zero points) that fit int8; null where the level has none.
const ByteWindowFns* VnniByteWindowFns(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_BYTE_WINDOW_H_
