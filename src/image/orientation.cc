#include "image/orientation.h"

#include <cstring>

#include "image/byte_reader.h"

namespace samoyed::image {
namespace {

using Bytes = std::span<const std::byte>;

bool StartsWith(Bytes bytes, const char* text, size_t n) { return bytes.size() >= n && std::memcmp(bytes.data(), text, n) == 0; }

// The TIFF structure inside JPEG's APP1 segment; empty where there is none.
Bytes InJpeg(Bytes bytes) {
  ByteReader in(bytes, true);
  for (size_t at = 2; at + 4 <= bytes.size() && in.U8(at) == 0xff;) {
    const uint32_t marker = in.U8(at + 1), length = in.U16(at + 2);
    if (marker == 0xda || length < 2 || length + 2 > bytes.size() - at) break;
    const Bytes segment = bytes.subspan(at + 4, length - 2);
    if (marker == 0xe1 && StartsWith(segment, "Exif\0\0", 6)) return segment.subspan(6);
    at += 2 + length;
  }
  return {};
}

Bytes InPng(Bytes bytes) {
  ByteReader in(bytes, true);
  for (size_t at = 8; at + 12 <= bytes.size();) {
    const uint32_t length = in.U32(at);
    if (length > bytes.size() - at - 12) break;
    if (StartsWith(bytes.subspan(at + 4), "eXIf", 4)) return bytes.subspan(at + 8, length);
    at += 12 + static_cast<size_t>(length);
  }
  return {};
}

Bytes InWebp(Bytes bytes) {
  ByteReader in(bytes);
  for (size_t at = 12; at + 8 <= bytes.size();) {
    const uint32_t length = in.U32(at + 4);
    if (length > bytes.size() - at - 8) break;
    if (StartsWith(bytes.subspan(at), "EXIF", 4)) {
      const Bytes data = bytes.subspan(at + 8, length);
      return StartsWith(data, "Exif\0\0", 6) ? data.subspan(6) : data;
    }
    at += 8 + static_cast<size_t>(length) + length % 2;
  }
  return {};
}

}  // namespace

int OrientationOf(Bytes bytes) {
  Bytes tiff;
  if (StartsWith(bytes, "\xff\xd8", 2)) tiff = InJpeg(bytes);
  if (StartsWith(bytes, "\x89PNG", 4)) tiff = InPng(bytes);
  if (StartsWith(bytes, "RIFF", 4)) tiff = InWebp(bytes);
  const bool big = StartsWith(tiff, "MM", 2);
  if (!big && !StartsWith(tiff, "II", 2)) return 1;
  ByteReader in(tiff, big);
  const size_t directory = in.U32(4);
  if (in.U16(2) != 42 || directory > tiff.size()) return 1;
  const uint32_t entries = in.U16(directory);
  for (uint32_t i = 0; i < entries && in.ok(); ++i) {
    const size_t entry = directory + 2 + 12 * static_cast<size_t>(i);
    if (in.U16(entry) != 0x0112) continue;
    const uint32_t value = in.U16(entry + 8);
    return in.U16(entry + 2) == 3 && in.ok() && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Result<Picture> Upright(const Picture& in, int orientation) {
  if (orientation <= 1 || orientation > 8) return in;
  const bool swaps = orientation >= 5;
  SAMOYED_ASSIGN_OR_RETURN(Picture out, MakePicture(swaps ? in.height : in.width, swaps ? in.width : in.height));
  // Where the upright pixel (x, y) comes from: mirrored left to right, top to bottom, or about a diagonal.
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const int column = swaps ? y : x, row = swaps ? x : y;
      const auto from_x = static_cast<size_t>(flip_x ? in.width - 1 - column : column),
                 from_y = static_cast<size_t>(flip_y ? in.height - 1 - row : row);
      const size_t from = (from_y * static_cast<size_t>(in.width) + from_x) * 3;
      const size_t to = (static_cast<size_t>(y) * static_cast<size_t>(out.width) + static_cast<size_t>(x)) * 3;
      for (size_t c = 0; c < 3; ++c) out.rgb[to + c] = in.rgb[from + c];
    }
  }
  return out;
}

}  // namespace samoyed::image
