// Picture files -> RGB, equal to what Pillow's Image.open(...).convert("RGB") gives.
#ifndef SAMOYED_IMAGE_DECODE_H_
#define SAMOYED_IMAGE_DECODE_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/status.h"
#include "image/picture.h"

namespace samoyed::image {

struct DecodeLimits {
  int64_t max_pixels = 178956970;  // where Pillow refuses to go on by default: about 512 MiB of RGB
};

// JPEG, JPEG 2000, PNG, WebP, BMP, TIFF or PNM, by the first bytes. The header's size is checked before anything is allocated; truncated and foreign bytes
// are kBadInput, too many pixels kLimit. Alpha is dropped; CMYK is taken as Adobe writes it (inverted).
Result<Picture> Decode(std::span<const std::byte> bytes, const DecodeLimits& limits = {});

Result<Picture> DecodeJpeg(std::span<const std::byte> bytes, const DecodeLimits& limits);
Result<Picture> DecodeJpeg2000(std::span<const std::byte> bytes, const DecodeLimits& limits);
Result<Picture> DecodePng(std::span<const std::byte> bytes, const DecodeLimits& limits);
Result<Picture> DecodeWebp(std::span<const std::byte> bytes, const DecodeLimits& limits);
Result<Picture> DecodeBmp(std::span<const std::byte> bytes, const DecodeLimits& limits);
Result<Picture> DecodePnm(std::span<const std::byte> bytes, const DecodeLimits& limits);
Result<Picture> DecodeTiff(std::span<const std::byte> bytes, const DecodeLimits& limits);

// OK when a picture of this size may be decoded.
Status CheckSize(int64_t width, int64_t height, const DecodeLimits& limits);

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_DECODE_H_
