// From a picture to the tensor a network was trained on: resize, crop, scale, normalise. The description is a JSON object
// that travels inside the model (metadata "samoyed.pipeline"):
//
//   {"resize": 256, "filter": "bicubic", "crop": 224, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "layout": "NCHW"}
//
// resize: the shorter side, or [height, width]; 0 or absent: none. crop: centre crop, one number or [height, width]; absent: none.
// mean, std: applied to channels in 0..1 (torchvision's ToTensor and Normalize). layout: NCHW or NHWC. Unknown keys are errors.
#ifndef SAMOYED_IMAGE_PIPELINE_H_
#define SAMOYED_IMAGE_PIPELINE_H_

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
  float mean[3] = {0, 0, 0};
  float std[3] = {1, 1, 1};
  bool channels_last = false;
};

Result<Pipeline> ParsePipeline(std::string_view json);

// float32 [1, 3, H, W] (or [1, H, W, 3]), equal to torchvision's Resize, CenterCrop, ToTensor and Normalize on a Pillow image.
Result<Tensor> RunPipeline(const Pipeline& pipeline, const Picture& picture);

// Steps of it. Shorter side to `side`, as torchvision rounds; the middle, padded with black where the picture is smaller.
Result<Picture> ResizeShorter(const Picture& in, int side, Filter filter);
Picture CenterCrop(const Picture& in, int height, int width);

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_PIPELINE_H_
