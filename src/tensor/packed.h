// Elements narrower than a byte: a bit stream, low bits first, as ONNX packs them (6-bit elements straddle bytes).
#ifndef SAMOYED_TENSOR_PACKED_H_
#define SAMOYED_TENSOR_PACKED_H_

#include <cstdint>

namespace samoyed {

// Element `index` of a stream of `width`-bit elements, width < 8.
inline uint32_t ReadBits(const uint8_t* data, int64_t index, int width) {
  const int64_t bit = index * width;
  uint32_t word = data[bit / 8];
  if (bit % 8 + width > 8) word |= static_cast<uint32_t>(data[bit / 8 + 1]) << 8;
  return (word >> (bit % 8)) & ((1u << width) - 1);
}

// Sets it to the low bits of `value`; its neighbours keep theirs.
inline void WriteBits(uint8_t* data, int64_t index, int width, uint32_t value) {
  const int64_t bit = index * width;
  const int shift = static_cast<int>(bit % 8);
  const uint32_t mask = ((1u << width) - 1) << shift;
  const uint32_t shifted = (value << shift) & mask;
  data[bit / 8] = static_cast<uint8_t>((data[bit / 8] & ~mask) | shifted);
  if (shift + width > 8) {
    data[bit / 8 + 1] = static_cast<uint8_t>((data[bit / 8 + 1] & ~(mask >> 8)) | (shifted >> 8));
  }
}

}  // namespace samoyed

#endif  // SAMOYED_TENSOR_PACKED_H_
