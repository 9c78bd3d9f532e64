// Pictures as model inputs.
#ifndef SAMOYED_CLI_IMAGE_INPUT_H_
#define SAMOYED_CLI_IMAGE_INPUT_H_

#include <string>

#include "samoyed/image.h"
#include "support.h"

namespace samoyed::cli {

struct Pixels {
  samoyed_pixels pixels = {};
  Pixels() = default;
  Pixels(const Pixels&) = delete;
  Pixels& operator=(const Pixels&) = delete;
  ~Pixels() { samoyed_image_free(pixels.rgb); }
};

// A picture file, turned upright by its Exif data if asked; errors name it.
void DecodeFile(const std::string& path, bool upright, Pixels& out);
// True where the pipeline asks for that.
bool WantsUpright(const std::string& pipeline_json);
// The tensor that the pipeline makes of a picture.
ValuePtr ToTensor(const samoyed_pixels& pixels, const std::string& pipeline_json);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_IMAGE_INPUT_H_
