// Resizing as Pillow does it, byte for byte.
//
// Two passes, across and then down; each output pixel is a weighted sum of the input pixels under the filter, whose width grows
// with the reduction. Weights are normalised in double, rounded to 22 fractional bits, and summed in integers.
// Source of the arithmetic: Pillow's documentation of Image.resize and its resampling module.
#ifndef SAMOYED_IMAGE_RESIZE_H_
#define SAMOYED_IMAGE_RESIZE_H_

#include <string_view>

#include "base/status.h"
#include "image/picture.h"

namespace samoyed::image {

// Sides that Resize makes go from 1 to this.
inline constexpr int kLargestSide = 1 << 15;

enum class Filter : uint8_t { kNearest, kBox, kBilinear, kHamming, kBicubic, kLanczos };
Result<Filter> FilterFromName(std::string_view name);

Result<Picture> Resize(const Picture& in, int width, int height, Filter filter);

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_RESIZE_H_
