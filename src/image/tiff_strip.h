// The compressions of TIFF's strips.
#ifndef SAMOYED_IMAGE_TIFF_STRIP_H_
#define SAMOYED_IMAGE_TIFF_STRIP_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"

namespace samoyed::image {

// TIFF's tag 259.
enum TiffCompression : uint32_t { kTiffNone = 1, kTiffLzw = 5, kTiffDeflate = 8, kTiffPackBits = 32773, kTiffOldDeflate = 32946 };

// The most bytes that one packed byte can become; 0 for a compression that is not read here.
size_t TiffMaxRatio(uint32_t compression);

// The `size` bytes of one strip. kBadInput where the packed bytes give fewer.
Result<std::vector<uint8_t>> UnpackTiffStrip(std::span<const std::byte> packed, size_t size, uint32_t compression);

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_TIFF_STRIP_H_
