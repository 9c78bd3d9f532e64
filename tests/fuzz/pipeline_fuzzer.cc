// Any bytes as the description of a pipeline; what is taken runs on a small picture.
#include <cstddef>
#include <cstdint>

#include "image/pipeline.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace samoyed::image;  // NOLINT
  const auto pipeline = ParsePipeline({reinterpret_cast<const char*>(data), size});
  if (!pipeline.ok()) return 0;
  constexpr int kLargest = 512;  // bigger ones only take longer
  for (const int side : {pipeline->resize_height, pipeline->resize_width, pipeline->crop_height, pipeline->crop_width}) {
    if (side > kLargest) return 0;
  }
  const auto picture = MakePicture(7, 5);
  if (!picture.ok()) return 0;
  const Picture* pictures[] = {&*picture, &*picture};
  (void)RunPipeline(*pipeline, pictures).ok();
  return 0;
}
