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

// floor(size * scale) as the standard's own shape rule computes it (in float32), or an error.
Result<int64_t> ScaledSize(int64_t size, float scale);

// Output 0 = `in` resized, one entry of `axes` an axis. Fails where a mode needs numbers and the elements are none.
Status RunResize(KernelContext& ctx, const Tensor& in, const std::vector<ResizeAxis>& axes, const ResizeOptions& options);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_RESIZE_H_
