// Any bytes as a picture: decoded, turned upright and taken through a pipeline.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "image/decode.h"
#include "image/orientation.h"
#include "image/pipeline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace samoyed::image;  // NOLINT
  const auto bytes = std::as_bytes(std::span(data, size));
  const int orientation = OrientationOf(bytes);
  const auto picture = Decode(bytes, {.max_pixels = 1 << 20});
  if (!picture.ok()) return 0;
  if (picture->rgb.size() != static_cast<size_t>(picture->width) * static_cast<size_t>(picture->height) * 3) std::abort();
  const auto upright = Upright(*picture, orientation);
  if (!upright.ok()) return 0;
  Pipeline pipeline;
  pipeline.resize_height = 9;
  pipeline.max_size = 20;
  pipeline.crop_height = pipeline.crop_width = 12;
  const Picture* const pictures[] = {&*upright};
  (void)RunPipeline(pipeline, pictures).ok();
  return 0;
}
