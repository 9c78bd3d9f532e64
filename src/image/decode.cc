#include "image/decode.h"

#include <cstring>

namespace samoyed::image {

Status CheckSize(int64_t width, int64_t height, const DecodeLimits& limits) {
  if (width <= 0 || height <= 0) return BadInput("the picture's header says ", width, " x ", height, " pixels");
  if (width > limits.max_pixels / height) {
    return LimitExceeded("the picture's header says ", width, " x ", height, " pixels, more than the ", limits.max_pixels,
                         " allowed; make it smaller or raise the limit");
  }
  return OkStatus();
}

Result<Picture> Decode(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  const auto starts = [&](const char* magic, size_t n) { return bytes.size() >= n && std::memcmp(bytes.data(), magic, n) == 0; };
  if (bytes.empty()) return BadInput("the picture file is empty");
  if (starts("\xff\xd8\xff", 3)) return DecodeJpeg(bytes, limits);
  if (starts("\x89PNG\r\n\x1a\n", 8)) return DecodePng(bytes, limits);
  if (starts("RIFF", 4) && bytes.size() >= 12 && std::memcmp(bytes.data() + 8, "WEBP", 4) == 0) return DecodeWebp(bytes, limits);
  if (starts("BM", 2)) return DecodeBmp(bytes, limits);
  if (starts("P", 1) && bytes.size() >= 3 && bytes[1] >= std::byte{'1'} && bytes[1] <= std::byte{'6'}) return DecodePnm(bytes, limits);
  if (starts("II*\0", 4) || starts("MM\0*", 4)) return DecodeTiff(bytes, limits);
  if (starts("\0\0\0\x0cjP  \r\n\x87\n", 12) || starts("\xff\x4f\xff\x51", 4)) return DecodeJpeg2000(bytes, limits);
  return BadInput("this is no picture that can be read here: JPEG, JPEG 2000, PNG, WebP, BMP, TIFF and PNM (P1 to P6) are");
}

}  // namespace samoyed::image
