// TIFF 6.0: the first picture of a file, in strips, without compression or by PackBits, LZW or Deflate; grey, palette and RGB samples of
// 8 bits, and bilevel. The other compressions are kUnsupported. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
#include <algorithm>
#include <map>

#include "image/byte_reader.h"
#include "image/decode.h"
#include "image/tiff_strip.h"

namespace samoyed::image {
namespace {

enum Tag : uint32_t {
  kWidth = 256,
  kHeight = 257,
  kBits = 258,
  kCompression = 259,
  kPhotometric = 262,
  kFillOrder = 266,
  kStripOffsets = 273,
  kSamples = 277,
  kRowsPerStrip = 278,
  kStripBytes = 279,
  kPlanar = 284,
  kPredictor = 317,
  kColorMap = 320,
  kTileWidth = 322,
};
enum Photometric : uint32_t { kWhiteIsZero = 0, kBlackIsZero = 1, kRgb = 2, kPalette = 3 };

// One entry of the directory: `count` numbers of 1, 2 or 4 bytes from `at` on.
struct Entry {
  uint32_t count = 0, bytes = 0;
  size_t at = 0;
};

class Directory {
 public:
  explicit Directory(ByteReader& in) : in_(in) {
    const size_t at = in.U32(4);
    const uint32_t count = in.U16(at);
    for (uint32_t i = 0; i < count && in.ok(); ++i) {
      const size_t entry = at + 2 + 12 * size_t{i};
      const uint32_t type = in.U16(entry + 2), n = in.U32(entry + 4);
      const uint32_t bytes = type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 0;
      if (bytes == 0) continue;
      entries_[in.U16(entry)] = {n, bytes, uint64_t{n} * bytes <= 4 ? entry + 8 : in.U32(entry + 8)};
    }
  }
  bool Has(Tag tag) const { return entries_.contains(tag); }
  uint32_t Count(Tag tag) const { return Has(tag) ? entries_.at(tag).count : 0; }
  // Number i of an entry, `fallback` where there is none.
  uint32_t Get(Tag tag, uint32_t fallback, uint32_t i = 0) const {
    const auto it = entries_.find(tag);
    if (it == entries_.end() || i >= it->second.count) return fallback;
    const size_t at = it->second.at + size_t{i} * it->second.bytes;
    return it->second.bytes == 1 ? in_.U8(at) : it->second.bytes == 2 ? in_.U16(at) : in_.U32(at);
  }

 private:
  ByteReader& in_;
  std::map<uint32_t, Entry> entries_;
};

struct Format {
  int64_t width = 0, height = 0, rows_per_strip = 0;
  uint32_t bits = 1, samples = 1, compression = 1, photometric = 0, predictor = 1;

  int64_t row_bytes() const { return (width * samples * bits + 7) / 8; }
};

Result<Format> ReadFormat(ByteReader& in, const Directory& d, const DecodeLimits& limits) {
  Format f;
  f.width = d.Get(kWidth, 0);
  f.height = d.Get(kHeight, 0);
  f.bits = d.Get(kBits, 1);
  f.samples = d.Get(kSamples, 1);
  f.compression = d.Get(kCompression, 1);
  f.photometric = d.Get(kPhotometric, UINT32_MAX);
  f.predictor = d.Get(kPredictor, 1);
  f.rows_per_strip = std::min<int64_t>(d.Get(kRowsPerStrip, UINT32_MAX), f.height);
  if (!in.ok()) return BadInput("damaged TIFF: the file ends in its header");
  SAMOYED_RETURN_IF_ERROR(CheckSize(f.width, f.height, limits));
  if (f.rows_per_strip < 1) return BadInput("damaged TIFF: strips of no rows");
  if (TiffMaxRatio(f.compression) == 0) {
    return Unsupported("a TIFF with compression ", f.compression, " is not read (1 none, 5 LZW, 8 Deflate and 32773 PackBits are)");
  }
  // Only these two say by a predictor what they packed.
  if (f.compression == kTiffNone || f.compression == kTiffPackBits) f.predictor = 1;
  if (f.predictor != 1 && (f.predictor != 2 || f.bits != 8)) {
    return Unsupported("a TIFF with predictor ", f.predictor, " and ", f.bits, " bits is not read (1 none, and 2 of 8 bits are)");
  }
  bool known = !d.Has(kTileWidth) && d.Get(kPlanar, 1) == 1 && d.Get(kFillOrder, 1) == 1;
  if (f.photometric == kRgb) {
    known &= f.samples >= 3 && f.samples <= 8 && f.bits == 8;
  } else {
    known &= f.photometric <= kPalette && f.samples >= 1 && f.samples <= 8 && (f.bits == 8 || (f.bits == 1 && f.samples == 1));
  }
  for (uint32_t i = 1; known && i < std::min(d.Count(kBits), f.samples); ++i) known = d.Get(kBits, 0, i) == f.bits;
  if (!known) {
    return Unsupported("a TIFF of ", f.samples, " samples of ", f.bits, " bits, photometric ", f.photometric,
                       " is not read (grey, palette and RGB of 8 bits in strips, and bilevel are)");
  }
  if (f.photometric == kPalette && d.Count(kColorMap) < 3 * (1u << f.bits)) return BadInput("damaged TIFF: it has no palette");
  return f;
}

// Predictor 2: each sample is the difference to the one of the pixel before.
void AddUp(uint8_t* row, const Format& f) {
  for (int64_t i = f.samples; i < f.row_bytes(); ++i) row[i] = static_cast<uint8_t>(row[i] + row[i - f.samples]);
}

void PutRow(const uint8_t* row, const Format& f, const std::vector<uint8_t>& palette, uint8_t* to) {
  for (int64_t x = 0; x < f.width; ++x, to += 3) {
    if (f.photometric == kRgb) {
      std::copy_n(row + x * f.samples, 3, to);
      continue;
    }
    const uint32_t sample = f.bits == 1 ? row[x / 8] >> (7 - x % 8) & 1u : row[x * f.samples];
    if (f.photometric == kPalette) {
      std::copy_n(palette.data() + size_t{sample} * 3, 3, to);
    } else {
      const uint32_t grey = f.bits == 1 ? sample * 255 : sample;
      std::fill_n(to, 3, static_cast<uint8_t>(f.photometric == kWhiteIsZero ? 255 - grey : grey));
    }
  }
}

}  // namespace

Result<Picture> DecodeTiff(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  ByteReader in(bytes, !bytes.empty() && bytes[0] == std::byte{'M'});
  const Directory directory(in);
  SAMOYED_ASSIGN_OR_RETURN(const Format f, ReadFormat(in, directory, limits));
  std::vector<uint8_t> palette;
  for (uint32_t i = 0, n = 1u << f.bits; f.photometric == kPalette && i < n; ++i) {
    for (uint32_t c = 0; c < 3; ++c) palette.push_back(static_cast<uint8_t>(directory.Get(kColorMap, 0, c * n + i) >> 8));
  }
  // Compared before the picture is allocated: the strips must be in the file.
  const int64_t strips = (f.height + f.rows_per_strip - 1) / f.rows_per_strip;
  if (directory.Count(kStripOffsets) < strips || directory.Count(kStripBytes) < strips ||
      static_cast<uint64_t>(f.row_bytes() * f.height) / TiffMaxRatio(f.compression) > bytes.size()) {
    return BadInput("damaged TIFF: ", f.width, " x ", f.height, " pixels do not fit into the file; it may be cut off");
  }
  SAMOYED_ASSIGN_OR_RETURN(Picture picture, MakePicture(f.width, f.height));
  for (int64_t strip = 0; strip < strips; ++strip) {
    const int64_t first = strip * f.rows_per_strip, rows = std::min(f.rows_per_strip, f.height - first);
    const auto i = static_cast<uint32_t>(strip);
    const size_t at = directory.Get(kStripOffsets, 0, i), packed = directory.Get(kStripBytes, 0, i);
    if (at > bytes.size() || (f.compression == kTiffNone && packed > bytes.size() - at))
      return BadInput("damaged TIFF: a strip ends early; the file may be cut off");
    SAMOYED_ASSIGN_OR_RETURN(std::vector<uint8_t> data, UnpackTiffStrip(bytes.subspan(at, std::min(packed, bytes.size() - at)),
                                                                        static_cast<size_t>(rows * f.row_bytes()), f.compression));
    for (int64_t y = 0; y < rows; ++y) {
      uint8_t* row = data.data() + y * f.row_bytes();
      if (f.predictor == 2) AddUp(row, f);
      PutRow(row, f, palette, picture.rgb.data() + (first + y) * f.width * 3);
    }
  }
  if (!in.ok()) return BadInput("damaged TIFF: it points behind its end");
  return picture;
}

}  // namespace samoyed::image
