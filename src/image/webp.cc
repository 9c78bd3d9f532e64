// WebP by libwebp: lossy, lossless, with alpha; of an animation the first frame.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "image/decode.h"

namespace samoyed::image {

Result<Picture> DecodeWebp(std::span<const std::byte> bytes, const DecodeLimits& limits) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK) return BadInput("damaged WebP: no readable header");
  SAMOYED_RETURN_IF_ERROR(CheckSize(features.width, features.height, limits));
  // The animation decoder reads still pictures, too.
  WebPAnimDecoderOptions options;
  if (!WebPAnimDecoderOptionsInit(&options)) return InternalError("libwebp is of another version than its headers");
  options.color_mode = MODE_RGBA;
  const WebPData file = {data, bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(WebPAnimDecoderNew(&file, &options), WebPAnimDecoderDelete);
  WebPAnimInfo info;
  if (decoder == nullptr || !WebPAnimDecoderGetInfo(decoder.get(), &info)) return BadInput("damaged WebP: it cannot be decoded");
  SAMOYED_RETURN_IF_ERROR(CheckSize(info.canvas_width, info.canvas_height, limits));
  uint8_t* rgba = nullptr;
  int timestamp = 0;
  if (!WebPAnimDecoderGetNext(decoder.get(), &rgba, &timestamp))
    return BadInput("damaged WebP: the first frame cannot be decoded; the file may be cut off");
  SAMOYED_ASSIGN_OR_RETURN(Picture picture, MakePicture(info.canvas_width, info.canvas_height));
  const size_t count = static_cast<size_t>(info.canvas_width) * info.canvas_height;
  for (size_t i = 0; i < count; ++i) {
    for (size_t c = 0; c < 3; ++c) picture.rgb[3 * i + c] = rgba[4 * i + c];
  }
  return picture;
}

}  // namespace samoyed::image
