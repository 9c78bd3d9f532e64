// The geometry of sliding windows: what Conv, the poolings and their kin make of kernel_shape, strides, dilations, pads,
// auto_pad and ceil_mode. The one place where these attributes are read and checked.
#ifndef SAMOYED_OPS_COMMON_SLIDING_WINDOW_H_
#define SAMOYED_OPS_COMMON_SLIDING_WINDOW_H_

#include <cstdint>
#include <span>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

enum class AutoPad : uint8_t { kNotSet, kValid, kSameUpper, kSameLower };

// The attributes, one number a spatial axis (pads: two), all within [0, 2^31) and kernel, strides, dilations above 0.
struct WindowAttributes {
  std::vector<int64_t> kernel, strides, dilations, pads;
  AutoPad auto_pad = AutoPad::kNotSet;
  bool ceil_mode = false;

  int rank() const { return static_cast<int>(kernel.size()); }
};
// Reads them for `rank` spatial axes. `kernel`: the weights' spatial shape, which kernel_shape must repeat where it
// is given; empty where the node has no weights and kernel_shape is required.
Result<WindowAttributes> ReadWindow(const NodeContext& ctx, int rank, std::span<const int64_t> kernel = {});

// The windows along one axis: output o covers the input elements o * stride - pad_begin + k * dilation, k in [0, kernel).
struct WindowAxis {
  int64_t in = 0, out = 0, kernel = 1, stride = 1, dilation = 1, pad_begin = 0, pad_end = 0;

  int64_t Start(int64_t o) const { return o * stride - pad_begin; }
  // The k whose elements lie inside the input: [first, last).
  struct Range {
    int64_t first, last;
  };
  Range TapsInside(int64_t o) const;
  // The o whose element k lies inside the input.
  Range OutputsInside(int64_t k) const;
};
// The windows along an axis of `in` elements; an error where not even one fits.
Result<WindowAxis> PlaceWindow(const WindowAttributes& attributes, int axis, int64_t in);
// The same for the axes from 2 on of a [N, C, spatial...] shape.
Result<std::vector<WindowAxis>> PlaceWindows(const WindowAttributes& attributes, const Shape& shape);
// The dimensions that a [N, C, spatial...] shape has after the windows, with `channels` instead of C.
Result<Dims> InferWindows(const WindowAttributes& attributes, const Dims& in, const Dim& channels);

// A transposed convolution's attributes: the windows of the convolution whose gradient it is, and what its own size depends on besides.
struct TransposedWindow {
  WindowAttributes window;
  std::vector<int64_t> output_padding, output_shape;  // one number a spatial axis, or empty
};
Result<TransposedWindow> ReadTransposedWindow(const NodeContext& ctx, int rank, std::span<const int64_t> kernel = {});
// One spatial axis of `in` elements: as an axis of that convolution, so that its outputs are the elements here and its input is the
// result. Sizes are below 2^31 each, so that products fit into 64 bits.
Result<WindowAxis> PlaceTransposedWindow(const TransposedWindow& attributes, int axis, int64_t in);

// [n, channels, windows' outputs...]
Shape OutputShape(int64_t n, int64_t channels, std::span<const WindowAxis> windows);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_SLIDING_WINDOW_H_
