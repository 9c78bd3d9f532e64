#include "image/pipeline.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace samoyed::image {
namespace {

using Json = nlohmann::json;

// One number n, or [height, width]. A number alone sets the height, and the width where `square`.
Status ReadSize(const Json& json, std::string_view key, bool square, int& height, int& width) {
  const auto number = [](const Json& j) { return j.is_number_integer() && j.get<int64_t>() >= 0 && j.get<int64_t>() <= (1 << 15); };
  if (number(json)) {
    height = json.get<int>();
    width = square ? height : 0;
    return OkStatus();
  }
  if (!json.is_array() || json.size() != 2 || !number(json[0]) || !number(json[1])) {
    return BadInput("pipeline: \"", key, "\" must be a number of pixels or [height, width]");
  }
  height = json[0].get<int>();
  width = json[1].get<int>();
  return OkStatus();
}

Status ReadTriple(const Json& json, std::string_view key, float (&out)[3]) {
  if (!json.is_array() || json.size() != 3) return BadInput("pipeline: \"", key, "\" must be three numbers");
  for (size_t i = 0; i < 3; ++i) {
    if (!json[i].is_number()) return BadInput("pipeline: \"", key, "\" must be three numbers");
    out[i] = json[i].get<float>();
    if (key == "std" && !(out[i] > 0)) return BadInput("pipeline: \"std\" must be above 0");
  }
  return OkStatus();
}

}  // namespace

Result<Pipeline> ParsePipeline(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return BadInput("pipeline: not a JSON object");
  Pipeline p;
  for (const auto& [key, value] : json.items()) {
    if (key == "resize") {
      SAMOYED_RETURN_IF_ERROR(ReadSize(value, key, false, p.resize_height, p.resize_width));
    } else if (key == "crop") {
      SAMOYED_RETURN_IF_ERROR(ReadSize(value, key, true, p.crop_height, p.crop_width));
    } else if (key == "filter" && value.is_string()) {
      SAMOYED_ASSIGN_OR_RETURN(p.filter, FilterFromName(value.get<std::string>()));
    } else if (key == "mean") {
      SAMOYED_RETURN_IF_ERROR(ReadTriple(value, key, p.mean));
    } else if (key == "std") {
      SAMOYED_RETURN_IF_ERROR(ReadTriple(value, key, p.std));
    } else if (key == "layout" && (value == "NCHW" || value == "NHWC")) {
      p.channels_last = value == "NHWC";
    } else {
      return BadInput("pipeline: \"", key, "\" is no step, or its value is not one it takes; there are resize, filter, crop, mean, std and layout");
    }
  }
  return p;
}

Result<Picture> ResizeShorter(const Picture& in, int side, Filter filter) {
  const int shorter = std::min(in.width, in.height), longer = std::max(in.width, in.height);
  // The longer side is cut off, not rounded: torchvision's int(size * long / short).
  const double other_side = static_cast<double>(side) * longer / shorter;
  if (other_side > kLargestSide) {
    return LimitExceeded("resizing ", in.width, " x ", in.height, " to a shorter side of ", side, " makes the longer one more than ", kLargestSide);
  }
  const auto other = static_cast<int>(other_side);
  return in.width <= in.height ? Resize(in, side, other, filter) : Resize(in, other, side, filter);
}

Picture CenterCrop(const Picture& in, int height, int width) {
  // torchvision pads evenly (the odd pixel goes right and below), then cuts at round((size - crop) / 2), halves to even.
  const auto begin = [](int size, int crop) {
    if (crop > size) return -((crop - size) / 2);
    return static_cast<int>(std::nearbyint((size - crop) / 2.0));
  };
  const int top = begin(in.height, height), left = begin(in.width, width);
  Picture out{width, height, std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height) * 3)};
  const int from = std::max(0, left), to = std::min(in.width, left + width);
  for (int y = 0; y < height; ++y) {
    const int row = top + y;
    if (row < 0 || row >= in.height || from >= to) continue;
    const uint8_t* pixels = in.rgb.data() + (static_cast<size_t>(row) * static_cast<size_t>(in.width) + static_cast<size_t>(from)) * 3;
    std::copy_n(pixels, static_cast<size_t>(to - from) * 3,
                out.rgb.data() + (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(from - left)) * 3);
  }
  return out;
}

Result<Tensor> RunPipeline(const Pipeline& p, const Picture& picture) {
  Picture current;
  const Picture* now = &picture;
  if (p.resize_height > 0) {
    auto resized = p.resize_width > 0 ? Resize(*now, p.resize_width, p.resize_height, p.filter) : ResizeShorter(*now, p.resize_height, p.filter);
    if (!resized.ok()) return resized.status();
    current = std::move(resized).value();
    now = &current;
  }
  if (p.crop_height > 0) {
    current = CenterCrop(*now, p.crop_height, p.crop_width);
    now = &current;
  }
  const int64_t height = now->height, width = now->width;
  SAMOYED_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(DType::kFloat, p.channels_last ? Shape{1, height, width, 3} : Shape{1, 3, height, width}));
  float table[3][256];  // a byte has 256 values: the arithmetic is done once for each
  for (int c = 0; c < 3; ++c) {
    for (int v = 0; v < 256; ++v) table[c][v] = (static_cast<float>(v) / 255.0f - p.mean[c]) / p.std[c];
  }
  float* out = tensor.mutable_data<float>();
  const auto area = static_cast<size_t>(height * width);
  for (size_t i = 0; i < area; ++i) {
    for (size_t c = 0; c < 3; ++c) out[p.channels_last ? i * 3 + c : c * area + i] = table[c][now->rgb[i * 3 + c]];
  }
  return tensor;
}

}  // namespace samoyed::image
