// The depthwise convolution of bytes: one row of outputs whose windows all lie inside the (padded) rows given.
#ifndef SAMOYED_PROVIDERS_CPU_SIMD_BYTE_WINDOW_H_
#define SAMOYED_PROVIDERS_CPU_SIMD_BYTE_WINDOW_H_

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace samoyed::cpu {

// Channels come in groups of `ByteWindowFns::channels`; x has room for whole groups behind each row's end, weights are
// [group][pair of taps][channels] of int16 pairs (the second of the last pair 0 where taps are odd), bias and scale as wide as the groups.
// For pixel p, channel c: y = round_half_even(clamp(float(bias[c] + sum over taps of (x - x_zero) w) * scale[c], low, high)) + zero.
struct ByteWindowArgs {
  const std::byte* x;  // uint8 or int8
  bool x_signed;
  const int64_t* tap_offsets;  // `taps` of them, from a pixel's first tap
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
  void (*depthwise)(const ByteWindowArgs&);
};

const ByteWindowFns& ByteWindowFnsFor(CpuLevel level);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SIMD_BYTE_WINDOW_H_
