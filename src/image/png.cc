// PNG by libpng. Its errors leave by longjmp, so everything with a destructor lives outside the functions that call it.
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <string>

#include "image/decode.h"

namespace samoyed::image {
namespace {

struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::span<const std::byte> rest;
  char message[128] = "";
  std::vector<png_bytep> rows;
  std::vector<uint8_t> pixels;

  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }

  static void OnError(png_structp png, png_const_charp text) {
    auto* self = static_cast<Decoder*>(png_get_error_ptr(png));
    std::strncpy(self->message, text, sizeof self->message - 1);
    png_longjmp(png, 1);
  }
  static void OnWarning(png_structp, png_const_charp) {}
  static void Read(png_structp png, png_bytep out, size_t n) {
    auto* self = static_cast<Decoder*>(png_get_io_ptr(png));
    if (n > self->rest.size()) png_error(png, "the file ends too early");
    std::memcpy(out, self->rest.data(), n);
    self->rest = self->rest.subspan(n);
  }

  bool ReadHeader() {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, OnError, OnWarning);
    info = png == nullptr ? nullptr : png_create_info_struct(png);
    if (info == nullptr) return false;
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);  // the pixel limit is ours
    png_set_read_fn(png, this, Read);
    png_read_info(png, info);
    return true;
  }
  // To 8-bit RGB, but 16-bit grey, which stays 16 bits wide.
  bool Transform(bool wide_grey) {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    png_set_expand(png);
    png_set_strip_alpha(png);
    if (!wide_grey) {
      png_set_strip_16(png);
      png_set_gray_to_rgb(png);
    }
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    return true;
  }
  Status PointAtRows(size_t row_bytes, size_t height) {
    try {
      rows.resize(height);
    } catch (const std::bad_alloc&) {
      return LimitExceeded("no memory for a picture of ", height, " rows");
    }
    for (size_t y = 0; y < height; ++y) rows[y] = pixels.data() + y * row_bytes;
    return OkStatus();
  }
  bool ReadRows() {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    png_read_image(png, rows.data());
    png_read_end(png, nullptr);
    return true;
  }
};

}  // namespace

Result<Picture> DecodePng(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  Decoder d;
  d.rest = bytes;
  const auto failed = [&] { return BadInput("damaged PNG: ", std::string_view(d.message)); };
  if (!d.ReadHeader()) return failed();
  const int64_t width = png_get_image_width(d.png, d.info), height = png_get_image_height(d.png, d.info);
  SAMOYED_RETURN_IF_ERROR(CheckSize(width, height, limits));
  const bool wide_grey = png_get_bit_depth(d.png, d.info) == 16 && png_get_color_type(d.png, d.info) == PNG_COLOR_TYPE_GRAY;
  const size_t stored_bits = size_t{png_get_channels(d.png, d.info)} * png_get_bit_depth(d.png, d.info);
  if (!d.Transform(wide_grey)) return failed();
  const size_t row_bytes = png_get_rowbytes(d.png, d.info);
  // Deflate packs 1032 bytes into one at best: less is a truncated file, known before memory is taken for the picture it claims.
  constexpr size_t kBestRatio = 1032;
  const size_t stored = static_cast<size_t>(width) * stored_bits / 8;
  if (stored * static_cast<size_t>(height) / kBestRatio > bytes.size())
    return BadInput("damaged PNG: the file is too short for ", width, " x ", height, " pixels");
  SAMOYED_ASSIGN_OR_RETURN(d.pixels, MakeBytes(CheckedMul(row_bytes, static_cast<size_t>(height))));
  SAMOYED_RETURN_IF_ERROR(d.PointAtRows(row_bytes, static_cast<size_t>(height)));
  if (!d.ReadRows()) return failed();
  if (!wide_grey) return Picture{static_cast<int>(width), static_cast<int>(height), std::move(d.pixels)};
  SAMOYED_ASSIGN_OR_RETURN(Picture picture, MakePicture(width, height));
  // Pillow clips 16-bit grey at 255.
  for (size_t i = 0; i < static_cast<size_t>(width * height); ++i) {
    const uint8_t grey = d.pixels[2 * i] != 0 ? 255 : d.pixels[2 * i + 1];
    for (size_t c = 0; c < 3; ++c) picture.rgb[3 * i + c] = grey;
  }
  return picture;
}

}  // namespace samoyed::image
