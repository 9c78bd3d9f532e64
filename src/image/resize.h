// Resizing as Pillow does it, byte for byte.
//
// Two passes, across and then down; each output pixel is a weighted sum of the input pixels under the filter, whose width grows
// with the reduction. Weights are normalised in double, rounded to 22 fractional bits, and summed in integers.
// Source of the arithmetic: Pillow's documentation of Image.resize and its resampling module.
#ifndef SAMOYED_IMAGE_RESIZE_H_
#define SAMOYED_IMAGE_RESIZE_H_

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "image/picture.h"

namespace samoyed::image {

// Sides that Resize and CenterCrop make go from 1 to this, and they make at most this many pixels: sizes come from pipelines, and
// those from models.
inline constexpr int kLargestSide = 1 << 15;
inline constexpr int64_t kLargestArea = 1 << 27;
Status CheckMade(int64_t width, int64_t height);

enum class Filter : uint8_t { kNearest, kBox, kBilinear, kHamming, kBicubic, kLanczos };
Result<Filter> FilterFromName(std::string_view name);

// Which pass is first shows in the last bit of some pixels. Pillow 13 goes down first where more than twice as many rows as columns
// are lost (found by comparing; its pull request 9549 says why), earlier ones always go across first.
enum class Passes : uint8_t { kPillow12, kPillow13 };

// kUsage where a side is out of range, kLimit where the picture, or what is kept between the passes, would be too large.
Result<Picture> Resize(const Picture& in, int width, int height, Filter filter, Passes passes = Passes::kPillow12);

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_RESIZE_H_
