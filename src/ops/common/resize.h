// Interpolation along axes: what Resize and Upsample share.
#ifndef SAMOYED_OPS_COMMON_RESIZE_H_
#define SAMOYED_OPS_COMMON_RESIZE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

enum class ResizeMode : uint8_t { kNearest, kLinear, kCubic };
enum class Coordinates : uint8_t {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kTfHalfPixel,
  kTfCropAndResize
};
// kLegacy: what Upsample and Resize-10 do: down when enlarging, up when shrinking.
enum class NearestMode : uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil, kLegacy };

struct ResizeOptions {
  ResizeMode mode = ResizeMode::kNearest;
  Coordinates coordinates = Coordinates::kAsymmetric;
  NearestMode nearest = NearestMode::kLegacy;
  double cubic_a = -0.75;
  bool exclude_outside = false;
  bool antialias = false;
  double extrapolation = 0;
};

// How one axis is resized. `size` is the output's dimension; `start`, `end` are the region of kTfCropAndResize.
struct ResizeAxis {
  double scale = 1;
  int64_t size = 0;
  double start = 0, end = 1;
  bool whole_length = false;  // align_corners goes by `size`, not by what `scale` makes before it is rounded down
};

enum class AspectRatio : uint8_t { kStretch, kNotLarger, kNotSmaller };

// What the attributes of a Resize say.
struct ResizeSpec {
  ResizeOptions options;
  std::optional<std::vector<int64_t>> axes;  // as given; none: all
  AspectRatio policy = AspectRatio::kStretch;
  // `length_resized` of align_corners is "the length of the resized tensor", an integer, up to version 18; PyTorch and its exporter mean
  // that. Since 19 it is read as the standard's own cases have it, with the fraction that a scale leaves.
  bool whole_length = false;
};
Result<ResizeSpec> ReadResize(const NodeContext& ctx);
// The axes that are resized.
Result<std::vector<int>> AxesOf(const ResizeSpec& spec, int rank);
// How each axis of a tensor is resized; axes that are not named stay. `scales` and `sizes` may be null or empty, but not both.
Result<std::vector<ResizeAxis>> PlanResize(const ResizeSpec& spec, const Shape& in, const Tensor* scales,
                                           const std::optional<std::vector<int64_t>>& sizes);
Result<std::vector<ResizeAxis>> PlanResize(const ResizeSpec& spec, const Shape& in, const Tensor* scales, const Tensor* sizes);
// The regions of kTfCropAndResize.
Status SetRegion(const ResizeSpec& spec, const Tensor* roi, int rank, std::vector<ResizeAxis>* axes);

// For each output element of an axis: the input elements that it is made of, and their weights.
struct Taps {
  int64_t per_output = 0;
  std::vector<int64_t> index;
  std::vector<double> weight;
  std::vector<bool> outside;  // the extrapolation value instead
};
Taps TapsOf(int64_t in_size, const ResizeAxis& axis, const ResizeOptions& options);
// True where every element of the axis stays as it is.
bool IsIdentity(int64_t in_size, const ResizeAxis& axis, const ResizeOptions& options);

// floor(size * scale) as the standard's own shape rule computes it (in float32), or an error.
Result<int64_t> ScaledSize(int64_t size, float scale);

// Output 0 = `in` resized, one entry of `axes` an axis. Fails where a mode needs numbers and the elements are none.
Status RunResize(KernelContext& ctx, const Tensor& in, const std::vector<ResizeAxis>& axes, const ResizeOptions& options);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_RESIZE_H_
