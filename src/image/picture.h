// A decoded picture: 8-bit RGB, row by row, no padding.
#ifndef SAMOYED_IMAGE_PICTURE_H_
#define SAMOYED_IMAGE_PICTURE_H_

#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "base/status.h"

namespace samoyed::image {

struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;  // height * width * 3
};

// `count` zero bytes, or kLimit where memory is short: sizes come out of hostile files.
inline Result<std::vector<uint8_t>> MakeBytes(std::optional<size_t> count) {
  if (!count.has_value()) return LimitExceeded("a picture this large does not fit into memory");
  try {
    return std::vector<uint8_t>(*count);
  } catch (const std::bad_alloc&) {
    return LimitExceeded("no memory for ", *count, " bytes of picture");
  } catch (const std::length_error&) {
    return LimitExceeded("no memory for ", *count, " bytes of picture");
  }
}

// A black picture. Sides must be above 0.
inline Result<Picture> MakePicture(int64_t width, int64_t height) {
  if (width <= 0 || height <= 0 || width > INT32_MAX || height > INT32_MAX)
    return LimitExceeded("there is no picture of ", width, " x ", height, " pixels");
  SAMOYED_ASSIGN_OR_RETURN(std::vector<uint8_t> rgb, MakeBytes(CheckedMul(static_cast<size_t>(width * height), size_t{3})));
  return Picture{static_cast<int>(width), static_cast<int>(height), std::move(rgb)};
}

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_PICTURE_H_
