// JPEG by libjpeg-turbo. Its errors leave by longjmp, so everything with a destructor lives outside the function that calls it.
#include <csetjmp>
#include <cstdio>
// jpeglib.h needs stdio's types before it.
#include <jpeglib.h>
// jerror.h needs jpeglib.h.
#include <jerror.h>

#include <string>

#include "image/decode.h"

namespace samoyed::image {
namespace {

struct Errors {
  jpeg_error_mgr manager;  // first: libjpeg gives back a pointer to it
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

// A small progressive file can have thousands of scans over a large picture, each as slow as a picture of its own.
constexpr int kMostScans = 500;

void OnError(j_common_ptr info) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  errors->manager.format_message(info, errors->message);
  std::longjmp(errors->jump, 1);
}
// Warnings of stray bytes are passed over, as Pillow does; where data is missing, pixels would be made up.
void OnMessage(j_common_ptr info, int level) {
  if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) OnError(info);
}

void OnProgress(j_common_ptr info) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  std::snprintf(errors->message, sizeof errors->message, "more than %d scans", kMostScans);
  std::longjmp(errors->jump, 1);
}

struct Decoder {
  jpeg_decompress_struct info = {};
  Errors errors = {};
  jpeg_progress_mgr progress = {};
  std::vector<uint8_t> row;

  Decoder() {
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = OnError;
    errors.manager.emit_message = OnMessage;
  }
  ~Decoder() { jpeg_destroy_decompress(&info); }

  bool ReadHeader(std::span<const std::byte> bytes) {
    if (setjmp(errors.jump) != 0) return false;
    jpeg_create_decompress(&info);
    progress.progress_monitor = OnProgress;
    info.progress = &progress;
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&info, TRUE);
    const bool four = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    info.out_color_space = info.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : four ? JCS_CMYK : JCS_RGB;
    return true;
  }
  bool Start() {
    if (setjmp(errors.jump) != 0) return false;
    jpeg_start_decompress(&info);
    return true;
  }
  bool ReadRow() {
    if (setjmp(errors.jump) != 0) return false;
    uint8_t* rows[] = {row.data()};
    jpeg_read_scanlines(&info, rows, 1);
    return true;
  }
};

int MulDiv255(int a, int b) {
  const int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

void ToRgb(const uint8_t* in, int width, int components, uint8_t* out) {
  for (int x = 0; x < width; ++x, in += components, out += 3) {
    for (int c = 0; c < 3; ++c) {
      // Adobe stores 255 - ink: ink c under black k leaves (255 - k)(255 - c) / 255.
      out[c] = components == 3 ? in[c] : components == 1 ? in[0] : static_cast<uint8_t>(in[3] - MulDiv255(255 - in[c], in[3]));
    }
  }
}

}  // namespace

Result<Picture> DecodeJpeg(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  Decoder d;
  const auto failed = [&] { return BadInput("damaged JPEG: ", std::string_view(d.errors.message)); };
  if (!d.ReadHeader(bytes)) return failed();
  SAMOYED_RETURN_IF_ERROR(CheckSize(d.info.image_width, d.info.image_height, limits));
  // Huffman coding spends at least one bit on a block of at most 32 x 32 pixels: fewer bytes are a truncated file, known before
  // memory is taken for the picture it claims.
  constexpr size_t kMostPixelsPerByte = 8 * 32 * 32;
  if (d.info.arith_code == FALSE && size_t{d.info.image_width} * d.info.image_height / kMostPixelsPerByte > bytes.size())
    return BadInput("damaged JPEG: the file is too short for ", d.info.image_width, " x ", d.info.image_height, " pixels");
  if (!d.Start()) return failed();
  SAMOYED_ASSIGN_OR_RETURN(Picture picture, MakePicture(d.info.output_width, d.info.output_height));
  const auto width = static_cast<size_t>(picture.width);
  SAMOYED_ASSIGN_OR_RETURN(d.row, MakeBytes(width * static_cast<size_t>(d.info.output_components)));
  for (size_t y = 0; y < static_cast<size_t>(picture.height); ++y) {
    if (!d.ReadRow()) return failed();
    ToRgb(d.row.data(), picture.width, d.info.output_components, picture.rgb.data() + y * width * 3);
  }
  return picture;
}

}  // namespace samoyed::image
