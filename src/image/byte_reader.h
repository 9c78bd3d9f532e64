// Numbers out of a file's bytes; reading past the end gives zeros and is remembered.
#ifndef SAMOYED_IMAGE_BYTE_READER_H_
#define SAMOYED_IMAGE_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace samoyed::image {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes, bool big_endian = false) : bytes_(bytes), big_endian_(big_endian) {}

  uint32_t U8(size_t at) { return at < bytes_.size() ? std::to_integer<uint32_t>(bytes_[at]) : Past(); }
  uint32_t U16(size_t at) { return big_endian_ ? U8(at) << 8 | U8(at + 1) : U8(at) | U8(at + 1) << 8; }
  uint32_t U32(size_t at) { return big_endian_ ? U16(at) << 16 | U16(at + 2) : U16(at) | U16(at + 2) << 16; }
  size_t size() const { return bytes_.size(); }
  bool ok() const { return !past_; }

 private:
  uint32_t Past() {
    past_ = true;
    return 0;
  }

  std::span<const std::byte> bytes_;
  bool big_endian_, past_ = false;
};

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_BYTE_READER_H_
