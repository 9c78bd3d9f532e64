// Portable bitmaps, greymaps and pixmaps: P1 to P6, up to 16 bits. https://netpbm.sourceforge.net/doc/pnm.html
#include <algorithm>
#include <cmath>
#include <optional>

#include "image/byte_reader.h"
#include "image/decode.h"

namespace samoyed::image {
namespace {

bool IsSpace(uint32_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The text parts: numbers between white space and comments.
class Scanner {
 public:
  Scanner(ByteReader& in, size_t at) : in_(in), at_(at) {}
  size_t at() const { return at_; }

  void SkipSpace() {
    while (at_ < in_.size() && (IsSpace(in_.U8(at_)) || in_.U8(at_) == '#')) {
      if (in_.U8(at_) == '#') {
        while (at_ < in_.size() && in_.U8(at_) != '\n' && in_.U8(at_) != '\r') ++at_;
      } else {
        ++at_;
      }
    }
  }
  // At most 9 digits; `one_digit`: just one, as bitmaps are written.
  std::optional<int64_t> Number(bool one_digit = false) {
    SkipSpace();
    int64_t value = 0;
    int digits = 0;
    while (at_ < in_.size() && in_.U8(at_) >= '0' && in_.U8(at_) <= '9' && digits < (one_digit ? 1 : 9)) {
      value = value * 10 + static_cast<int64_t>(in_.U8(at_++) - '0');
      ++digits;
    }
    return digits > 0 ? std::optional(value) : std::nullopt;
  }
  void SkipOne() { ++at_; }

 private:
  ByteReader& in_;
  size_t at_;
};

// A sample as Pillow's RGB has it: scaled to 0..255; grey of more than 8 bits is scaled to 16 bits and clipped at 255.
uint8_t Scaled(int64_t value, int64_t most, bool grey) {
  const double largest = grey && most > 255 ? 65535 : 255;
  const double scaled = std::nearbyint(static_cast<double>(value) / static_cast<double>(most) * largest);
  return static_cast<uint8_t>(std::min(scaled, 255.0));
}

}  // namespace

Result<Picture> DecodePnm(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  ByteReader in(bytes);
  const uint32_t kind = in.U8(1) - '0';
  const bool plain = kind <= 3, bitmap = kind == 1 || kind == 4, colour = kind == 3 || kind == 6;
  Scanner scanner(in, 2);
  const auto width = scanner.Number(), height = scanner.Number();
  const auto most = bitmap ? std::optional<int64_t>(1) : scanner.Number();
  if (!width || !height || !most) return BadInput("damaged PNM: the header is cut off or holds something else than numbers");
  if (*most < 1 || *most > 65535) return BadInput("damaged PNM: a largest value of ", *most);
  SAMOYED_RETURN_IF_ERROR(CheckSize(*width, *height, limits));
  scanner.SkipOne();  // the one white space before the data
  const int64_t channels = colour ? 3 : 1, samples = *width * *height * channels, sample_bytes = *most > 255 ? 2 : 1;
  const int64_t row_bytes = bitmap ? (*width + 7) / 8 : *width * channels * sample_bytes;
  // A plain sample takes a digit, and one but for bitmaps a separator.
  const int64_t needed = plain ? (bitmap ? samples : 2 * samples - 1) : row_bytes * *height;
  if (static_cast<int64_t>(bytes.size() - std::min(bytes.size(), scanner.at())) < needed) {
    return BadInput("damaged PNM: ", *width, " x ", *height, " pixels do not fit into the file; it may be cut off");
  }
  SAMOYED_ASSIGN_OR_RETURN(Picture picture, MakePicture(*width, *height));
  for (int64_t i = 0; i < samples; ++i) {
    int64_t value = 0;
    if (plain) {
      const auto number = scanner.Number(bitmap);
      if (!number) return BadInput("damaged PNM: sample ", i, " of ", samples, " is no number");
      value = *number;
    } else if (bitmap) {
      const int64_t x = i % *width, y = i / *width;
      value = in.U8(scanner.at() + static_cast<size_t>(y * row_bytes + x / 8)) >> (7 - x % 8) & 1;
    } else {
      const size_t at = scanner.at() + static_cast<size_t>(i * sample_bytes);
      value = sample_bytes == 2 ? in.U8(at) << 8 | in.U8(at + 1) : in.U8(at);
    }
    if (plain && value > *most) return BadInput("damaged PNM: a sample of ", value, " above the largest value ", *most);
    const uint8_t byte = bitmap ? (value != 0 ? 0 : 255) : Scaled(value, *most, !colour);
    if (colour) {
      picture.rgb[static_cast<size_t>(i)] = byte;
    } else {
      std::fill_n(picture.rgb.data() + 3 * i, 3, byte);
    }
  }
  return picture;
}

}  // namespace samoyed::image
