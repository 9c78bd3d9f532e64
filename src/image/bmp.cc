// Windows and OS/2 bitmaps: 1, 4, 8 (also run-length encoded), 16, 24 and 32 bits, bottom-up and top-down.
// https://learn.microsoft.com/windows/win32/gdi/bitmap-storage
#include <algorithm>
#include <array>
#include <cstdlib>

#include "image/byte_reader.h"
#include "image/decode.h"

namespace samoyed::image {
namespace {

enum Compression : uint32_t { kRgb = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6 };

struct Header {
  int64_t width = 0, height = 0;
  bool top_down = false;
  uint32_t bits = 0, compression = kRgb, colours = 0;
  size_t palette = 0, palette_entry = 4, data = 0;
  std::array<uint32_t, 3> masks = {};  // of red, green, blue; 16 and 32 bits
};

Result<Header> ReadHeader(ByteReader& in, const DecodeLimits& limits) {
  Header h;
  h.data = in.U32(10);
  const uint32_t size = in.U32(14);
  if (size == 12) {  // OS/2
    h.width = in.U16(18);
    h.height = in.U16(20);
    h.bits = in.U16(24);
    h.palette_entry = 3;
  } else if (size >= 40 && size <= 124) {
    h.width = static_cast<int32_t>(in.U32(18));
    h.height = static_cast<int32_t>(in.U32(22));
    h.top_down = h.height < 0;
    h.height = std::abs(h.height);
    h.bits = in.U16(28);
    h.compression = in.U32(30);
    h.colours = in.U32(46);
  } else {
    return BadInput("damaged BMP: a header of ", size, " bytes");
  }
  h.palette = 14 + size;
  if (h.compression == kBitFields || h.compression == kAlphaBitFields) {
    for (size_t i = 0; i < 3; ++i) h.masks[i] = in.U32(54 + 4 * i);  // behind the 40-byte header, or part of the longer ones
    if (size == 40) h.palette += h.compression == kBitFields ? 12 : 16;
  } else if (h.bits == 16) {
    h.masks = {0x7c00, 0x03e0, 0x001f};
  } else if (h.bits == 32) {
    h.masks = {0xff0000, 0x00ff00, 0x0000ff};
  }
  if (!in.ok()) return BadInput("damaged BMP: the file ends in its header");
  SAMOYED_RETURN_IF_ERROR(CheckSize(h.width, h.height, limits));
  const bool plain =
      h.compression == kRgb || ((h.bits == 16 || h.bits == 32) && (h.compression == kBitFields || h.compression == kAlphaBitFields));
  const bool rle = (h.compression == kRle8 && h.bits == 8) || (h.compression == kRle4 && h.bits == 4);
  const bool depth = h.bits == 1 || h.bits == 4 || h.bits == 8 || h.bits == 16 || h.bits == 24 || h.bits == 32;
  if (!depth || (!plain && !rle)) return Unsupported("a BMP of ", h.bits, " bits with compression ", h.compression, " is not read");
  return h;
}

// Indices of an RLE-encoded picture, bottom row first. Whatever the code skips or leaves out is 0.
Result<std::vector<uint8_t>> ReadRle(ByteReader& in, const Header& h) {
  SAMOYED_ASSIGN_OR_RETURN(std::vector<uint8_t> out, MakeBytes(static_cast<size_t>(h.width * h.height)));
  int64_t x = 0, y = 0;
  size_t at = h.data;
  const auto put = [&](uint32_t index) {
    if (x < h.width && y < h.height) out[static_cast<size_t>(y * h.width + x)] = static_cast<uint8_t>(index);
    ++x;
  };
  const bool nibbles = h.bits == 4;
  while (y < h.height && in.ok()) {
    const uint32_t count = in.U8(at), value = in.U8(at + 1);
    at += 2;
    if (count > 0) {
      for (uint32_t i = 0; i < count; ++i) put(!nibbles ? value : i % 2 == 0 ? value >> 4 : value & 15);
    } else if (value == 0) {
      x = 0;
      ++y;
    } else if (value == 1) {
      break;
    } else if (value == 2) {
      x += in.U8(at);
      y += in.U8(at + 1);
      at += 2;
    } else {
      for (uint32_t i = 0; i < value; ++i) put(!nibbles ? in.U8(at + i) : i % 2 == 0 ? in.U8(at + i / 2) >> 4 : in.U8(at + i / 2) & 15);
      const size_t bytes = nibbles ? (value + 1) / 2 : value;
      at += bytes + bytes % 2;
    }
    if (y == h.height - 1 && x >= h.width) break;  // a full last row needs no mark of its end
  }
  if (!in.ok()) return BadInput("damaged BMP: the file ends in its runs of pixels");
  return out;
}

// The bits under a mask as 0..255.
uint8_t Scaled(uint32_t pixel, uint32_t mask) {
  if (mask == 0) return 0;
  const int shift = __builtin_ctz(mask);
  const uint64_t largest = mask >> shift, value = (pixel & mask) >> shift;
  return static_cast<uint8_t>(value * 255 / largest);
}

}  // namespace

Result<Picture> DecodeBmp(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  ByteReader in(bytes);
  SAMOYED_ASSIGN_OR_RETURN(const Header h, ReadHeader(in, limits));
  const bool rle = h.compression == kRle8 || h.compression == kRle4;
  const int64_t row_bytes = (h.width * h.bits + 31) / 32 * 4;
  if (!rle && (h.data > bytes.size() || static_cast<uint64_t>(row_bytes * h.height) > bytes.size() - h.data)) {
    return BadInput("damaged BMP: ", h.width, " x ", h.height, " pixels do not fit into the file; it may be cut off");
  }
  std::vector<std::array<uint8_t, 3>> palette;
  if (h.bits <= 8) {
    const uint32_t most = 1u << h.bits;
    palette.resize(most);
    for (uint32_t i = 0; i < (h.colours == 0 ? most : std::min(most, h.colours)); ++i) {
      for (size_t c = 0; c < 3; ++c) palette[i][c] = static_cast<uint8_t>(in.U8(h.palette + i * h.palette_entry + 2 - c));
    }
    if (!in.ok()) return BadInput("damaged BMP: the file ends in its palette");
  }
  std::vector<uint8_t> indices;
  if (rle) {
    SAMOYED_ASSIGN_OR_RETURN(indices, ReadRle(in, h));
  }
  SAMOYED_ASSIGN_OR_RETURN(Picture picture, MakePicture(h.width, h.height));
  for (int64_t y = 0; y < h.height; ++y) {
    uint8_t* to = picture.rgb.data() + static_cast<size_t>((h.top_down ? y : h.height - 1 - y) * h.width) * 3;
    const size_t row = h.data + static_cast<size_t>(y * row_bytes);
    for (int64_t x = 0; x < h.width; ++x, to += 3) {
      const auto column = static_cast<size_t>(x);
      if (h.bits <= 8) {
        const uint32_t per_byte = 8 / h.bits;
        const uint32_t index = rle ? indices[static_cast<size_t>(y * h.width + x)]
                                   : in.U8(row + column / per_byte) >> (8 - h.bits - column % per_byte * h.bits) & ((1u << h.bits) - 1);
        std::copy_n(palette[index].data(), 3, to);
      } else if (h.bits == 24) {
        for (size_t c = 0; c < 3; ++c) to[c] = static_cast<uint8_t>(in.U8(row + 3 * column + 2 - c));
      } else {
        const uint32_t pixel = h.bits == 16 ? in.U16(row + 2 * column) : in.U32(row + 4 * column);
        for (size_t c = 0; c < 3; ++c) to[c] = Scaled(pixel, h.masks[c]);
      }
    }
  }
  return picture;
}

}  // namespace samoyed::image
