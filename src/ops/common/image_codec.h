// The place where a program plugs in what decodes pictures: operators may need it (ImageDecoder), but the core has no codec.
#ifndef SAMOYED_OPS_COMMON_IMAGE_CODEC_H_
#define SAMOYED_OPS_COMMON_IMAGE_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"

namespace samoyed::ops {

struct DecodedImage {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> rgb;  // height * width * 3
};

// A picture file's bytes, which can be anything, to pixels. Called from any thread.
using ImageCodec = Result<DecodedImage> (*)(std::span<const std::byte> bytes);

// For the whole process; null takes it away. Null until somebody sets one.
void SetImageCodec(ImageCodec codec);
ImageCodec GetImageCodec();

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_IMAGE_CODEC_H_
