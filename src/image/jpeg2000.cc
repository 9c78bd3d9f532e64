// JPEG 2000 by OpenJPEG: .jp2 files and bare code streams of 1 (grey), 2 (grey, alpha), 3 (RGB or sYCC) or 4 components, of up to 16 bits.
// Samples of other than 8 bits become 8 as Pillow has them: grey is widened to 16 bits and clipped at 255, colours are rounded.
#include <openjpeg.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "image/decode.h"

namespace samoyed::image {
namespace {

// What is read, as OpenJPEG's stream wants it.
struct Source {
  std::span<const std::byte> bytes;
  size_t at = 0;
};

OPJ_SIZE_T ReadSome(void* to, OPJ_SIZE_T count, void* source) {
  auto& in = *static_cast<Source*>(source);
  count = std::min<OPJ_SIZE_T>(count, in.bytes.size() - in.at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(to, in.bytes.data() + in.at, count);
  in.at += count;
  return count;
}
OPJ_OFF_T Skip(OPJ_OFF_T count, void* source) {
  auto& in = *static_cast<Source*>(source);
  if (count < 0 || static_cast<uint64_t>(count) > in.bytes.size() - in.at) return -1;
  in.at += static_cast<size_t>(count);
  return count;
}
OPJ_BOOL Seek(OPJ_OFF_T to, void* source) {
  auto& in = *static_cast<Source*>(source);
  if (to < 0 || static_cast<uint64_t>(to) > in.bytes.size()) return OPJ_FALSE;
  in.at = static_cast<size_t>(to);
  return OPJ_TRUE;
}

// OpenJPEG's message, one line.
void Keep(const char* message, void* to) {
  auto& text = *static_cast<std::string*>(to);
  if (text.empty()) text.assign(message, std::strcspn(message, "\n"));
}

// A component's sample as 8 bits.
class Samples {
 public:
  Samples(const opj_image_comp_t& component, bool grey)
      : c_(component),
        shift_((grey && component.prec > 8 ? 16 : 8) - static_cast<int>(component.prec)),
        offset_((component.sgnd ? 1 << (component.prec - 1) : 0) + (shift_ < 0 ? 1 << (-shift_ - 1) : 0)) {}

  // (x, y) of the picture; components may hold fewer rows and columns.
  uint8_t At(size_t x, size_t y) const {
    const size_t column = std::min<size_t>(x / c_.dx, c_.w - 1), row = std::min<size_t>(y / c_.dy, c_.h - 1);
    const int value = c_.data[row * c_.w + column] + offset_;
    return static_cast<uint8_t>(std::clamp(shift_ < 0 ? value >> -shift_ : value * (1 << shift_), 0, 255));
  }

 private:
  const opj_image_comp_t& c_;
  int shift_, offset_;
};

// BT.601 at full range, in 6-bit fixed point; halves are rounded towards zero below it, as Pillow's tables are.
int Scaled(double factor, int chroma) { return static_cast<int>(factor * (chroma - 128) * 64 + 0.5); }
void ToRgb(uint8_t* pixel) {
  const int y = pixel[0], cb = pixel[1], cr = pixel[2];
  const auto byte = [](int v) { return static_cast<uint8_t>(std::clamp(v, 0, 255)); };
  pixel[0] = byte(y + (Scaled(1.402, cr) >> 6));
  pixel[1] = byte(y + ((Scaled(-0.34414, cb) + Scaled(-0.71414, cr)) >> 6));
  pixel[2] = byte(y + (Scaled(1.772, cb) >> 6));
}

Status CheckComponents(const opj_image_t& image) {
  if (image.numcomps < 1 || image.numcomps > 4)
    return Unsupported("a JPEG 2000 picture of ", image.numcomps, " components; 1 to 4 can be read");
  for (OPJ_UINT32 i = 0; i < image.numcomps; ++i) {
    const opj_image_comp_t& c = image.comps[i];
    if (c.prec < 1 || c.prec > 16) return Unsupported("a JPEG 2000 picture of ", c.prec, " bits a sample; 1 to 16 can be read");
    if (c.dx < 1 || c.dy < 1) return BadInput("damaged JPEG 2000: component ", i, " has no resolution");
  }
  return OkStatus();
}

}  // namespace

Result<Picture> DecodeJpeg2000(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  const bool bare = bytes.size() > 2 && bytes[0] == std::byte{0xff};
  const std::unique_ptr<opj_codec_t, void (*)(opj_codec_t*)> codec(opj_create_decompress(bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2),
                                                                   opj_destroy_codec);
  const std::unique_ptr<opj_stream_t, void (*)(opj_stream_t*)> stream(opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE),
                                                                      opj_stream_destroy);
  if (codec == nullptr || stream == nullptr) return LimitExceeded("no memory for a JPEG 2000 decoder");
  Source source{bytes};
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), bytes.size());
  opj_stream_set_read_function(stream.get(), ReadSome);
  opj_stream_set_skip_function(stream.get(), Skip);
  opj_stream_set_seek_function(stream.get(), Seek);
  std::string why;
  opj_set_error_handler(codec.get(), Keep, &why);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* made = nullptr;
  const bool readable = opj_setup_decoder(codec.get(), &parameters) && opj_read_header(stream.get(), codec.get(), &made);
  const std::unique_ptr<opj_image_t, void (*)(opj_image_t*)> image(made, opj_image_destroy);
  if (!readable || image == nullptr) return BadInput("damaged JPEG 2000: no readable header", why.empty() ? "" : ": ", why);
  const int64_t width = int64_t{image->x1} - image->x0, height = int64_t{image->y1} - image->y0;
  SAMOYED_RETURN_IF_ERROR(CheckSize(width, height, limits));
  SAMOYED_RETURN_IF_ERROR(CheckComponents(*image));
  if (!opj_decode(codec.get(), stream.get(), image.get()) || !opj_end_decompress(codec.get(), stream.get()))
    return BadInput("damaged JPEG 2000 (", width, " x ", height, "): it cannot be decoded", why.empty() ? "" : ": ", why);
  // A palette may have turned one component into three.
  SAMOYED_RETURN_IF_ERROR(CheckComponents(*image));
  for (OPJ_UINT32 i = 0; i < image->numcomps; ++i) {
    if (image->comps[i].data == nullptr || image->comps[i].w == 0 || image->comps[i].h == 0)
      return BadInput("damaged JPEG 2000 (", width, " x ", height, "): component ", i, " has no samples");
  }
  const bool grey = image->numcomps < 3;
  const std::array<Samples, 3> samples = {Samples(image->comps[0], grey), Samples(image->comps[grey ? 0 : 1], grey),
                                          Samples(image->comps[grey ? 0 : 2], grey)};
  SAMOYED_ASSIGN_OR_RETURN(Picture picture, MakePicture(width, height));
  uint8_t* to = picture.rgb.data();
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    for (size_t x = 0; x < static_cast<size_t>(width); ++x, to += 3) {
      for (size_t c = 0; c < 3; ++c) to[c] = samples[c].At(x, y);
      if (!grey && image->color_space == OPJ_CLRSPC_SYCC) ToRgb(to);
    }
  }
  return picture;
}

}  // namespace samoyed::image
