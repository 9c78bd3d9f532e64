// From a picture to the tensor a network was trained on: resize, crop, scale, normalise. The description is a JSON object
// that travels inside the model (metadata "samoyed.pipeline"):
//
//   {"resize": 256, "filter": "bicubic", "crop": 224, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "layout": "NCHW"}
//
// docs/pipeline.md has all keys. Unknown keys are errors.
#ifndef SAMOYED_IMAGE_PIPELINE_H_
#define SAMOYED_IMAGE_PIPELINE_H_

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "image/picture.h"
#include "image/resize.h"
#include "tensor/tensor.h"

namespace samoyed::image {

struct Pipeline {
  int resize_height = 0, resize_width = 0;  // both: exact; width 0: height is the shorter side; both 0: none
  Filter filter = Filter::kBilinear;
  int crop_height = 0, crop_width = 0;  // 0: none
  Passes passes = Passes::kPillow12;
  int max_size = 0;  // of the longer side after `resize` of the shorter one; 0: no limit
  float range = 1;   // what a byte of 255 becomes before mean and std
  float mean[3] = {0, 0, 0};
  float std[3] = {1, 1, 1};
  bool channels_last = false, bgr = false, bytes = false;
  bool exif_orientation = false;  // for whoever reads the file: RunPipeline gets pixels alone
};

Result<Pipeline> ParsePipeline(std::string_view json);

// float32 (or uint8) [N, 3, H, W] or [N, H, W, 3] of N pictures, which must come out of one size; equal to torchvision's Resize,
// CenterCrop, ToTensor and Normalize on Pillow images.
Result<Tensor> RunPipeline(const Pipeline& pipeline, std::span<const Picture* const> pictures);

// Steps of it. Shorter side to `side`, as torchvision rounds, but the longer one to at most `max_size` (0: no limit); the middle, padded
// with black where the picture is smaller.
Result<Picture> ResizeShorter(const Picture& in, int side, int max_size, Filter filter, Passes passes = Passes::kPillow12);
Result<Picture> CenterCrop(const Picture& in, int height, int width);

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_PIPELINE_H_
