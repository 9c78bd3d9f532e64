#include "image/pipeline.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace samoyed::image {
namespace {

using Json = nlohmann::json;

// One number n, or [height, width], all from 1 to 32768; 0 alone: none. A number alone sets the height, and the width where `square`.
Status ReadSize(const Json& json, std::string_view key, bool square, int& height, int& width) {
  const auto number = [](const Json& j) { return j.is_number_integer() && j.get<int64_t>() >= 0 && j.get<int64_t>() <= (1 << 15); };
  if (number(json)) {
    height = json.get<int>();
    width = square ? height : 0;
    return OkStatus();
  }
  if (!json.is_array() || json.size() != 2 || !number(json[0]) || !number(json[1]) || json[0] == 0 || json[1] == 0) {
    return BadInput("pipeline: \"", key, "\" must be a number of pixels or [height, width], at most ", 1 << 15);
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
    if (!std::isfinite(out[i])) return BadInput("pipeline: \"", key, "\" must be three numbers that a float can hold");
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
    } else if (key == "pillow" && (value == 12 || value == 13)) {
      p.passes = value == 13 ? Passes::kPillow13 : Passes::kPillow12;
    } else if (key == "mean") {
      SAMOYED_RETURN_IF_ERROR(ReadTriple(value, key, p.mean));
    } else if (key == "std") {
      SAMOYED_RETURN_IF_ERROR(ReadTriple(value, key, p.std));
    } else if (key == "max_size" && value.is_number_integer() && value.get<int64_t>() > 0 && value.get<int64_t>() <= (1 << 15)) {
      p.max_size = value.get<int>();
    } else if (key == "range" && value.is_number() && (value == 1 || value == 255)) {
      p.range = value.get<float>();
    } else if (key == "channels" && (value == "RGB" || value == "BGR")) {
      p.bgr = value == "BGR";
    } else if (key == "dtype" && (value == "float32" || value == "uint8")) {
      p.bytes = value == "uint8";
    } else if (key == "exif_orientation" && value.is_boolean()) {
      p.exif_orientation = value.get<bool>();
    } else if (key == "layout" && (value == "NCHW" || value == "NHWC")) {
      p.channels_last = value == "NHWC";
    } else {
      return BadInput(
          "pipeline: \"", key,
          "\" is no step, or its value is not one it takes; there are resize, max_size, filter, pillow, crop, range, mean, std, "
          "channels, layout, dtype and exif_orientation");
    }
  }
  if (p.max_size > 0 && (p.resize_height == 0 || p.resize_width > 0 || p.max_size <= p.resize_height)) {
    return BadInput("pipeline: \"max_size\" needs a \"resize\" of the shorter side that is less than it");
  }
  return p;
}

Result<Picture> ResizeShorter(const Picture& in, int side, int max_size, Filter filter, Passes passes) {
  const int shorter = std::min(in.width, in.height), longer = std::max(in.width, in.height);
  // The longer side is cut off, not rounded: torchvision's int(size * long / short); so is the shorter one under max_size.
  double other_side = static_cast<double>(side) * longer / shorter;
  if (max_size > 0 && std::floor(other_side) > max_size) {
    side = static_cast<int>(static_cast<double>(max_size) * side / std::floor(other_side));
    other_side = max_size;
    if (side < 1)
      return BadInput("resizing ", in.width, " x ", in.height, " to at most ", max_size, " pixels leaves nothing of the shorter side");
  }
  if (other_side > kLargestSide) {
    return LimitExceeded("resizing ", in.width, " x ", in.height, " to a shorter side of ", side, " makes the longer one more than ",
                         kLargestSide);
  }
  const auto other = static_cast<int>(other_side);
  return in.width <= in.height ? Resize(in, side, other, filter, passes) : Resize(in, other, side, filter, passes);
}

Result<Picture> CenterCrop(const Picture& in, int height, int width) {
  SAMOYED_RETURN_IF_ERROR(CheckMade(width, height));
  // torchvision pads evenly (the odd pixel goes right and below), then cuts at round((size - crop) / 2), halves to even.
  const auto begin = [](int size, int crop) {
    if (crop > size) return -((crop - size) / 2);
    return static_cast<int>(std::nearbyint((size - crop) / 2.0));
  };
  const int top = begin(in.height, height), left = begin(in.width, width);
  SAMOYED_ASSIGN_OR_RETURN(Picture out, MakePicture(width, height));
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

namespace {

// The picture after the steps that move pixels; `out` holds it where it is another one.
Result<const Picture*> Prepare(const Pipeline& p, const Picture& picture, Picture& out) {
  const Picture* now = &picture;
  if (p.resize_height > 0) {
    auto resized = p.resize_width > 0 ? Resize(*now, p.resize_width, p.resize_height, p.filter, p.passes)
                                      : ResizeShorter(*now, p.resize_height, p.max_size, p.filter, p.passes);
    if (!resized.ok()) return resized.status();
    out = std::move(resized).value();
    now = &out;
  }
  if (p.crop_height > 0) {
    SAMOYED_ASSIGN_OR_RETURN(Picture cropped, CenterCrop(*now, p.crop_height, p.crop_width));
    out = std::move(cropped);
    now = &out;
  }
  return now;
}

// A byte has 256 values: `table` has what each becomes in each channel.
template <typename T>
void Fill(const Pipeline& p, const Picture& picture, const T (&table)[3][256], T* out) {
  const size_t area = static_cast<size_t>(picture.height) * static_cast<size_t>(picture.width);
  for (size_t i = 0; i < area; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      const size_t from = p.bgr ? 2 - c : c;  // mean and std are always red first
      out[p.channels_last ? i * 3 + c : c * area + i] = table[from][picture.rgb[i * 3 + from]];
    }
  }
}

}  // namespace

Result<Tensor> RunPipeline(const Pipeline& p, std::span<const Picture* const> pictures) {
  if (pictures.empty()) return BadInput("a pipeline needs at least one picture");
  float table[3][256];
  uint8_t same[3][256];
  for (int c = 0; c < 3; ++c) {
    for (int v = 0; v < 256; ++v) {
      const float value = p.range == 1 ? static_cast<float>(v) / 255.0f : static_cast<float>(v);
      table[c][v] = (value - p.mean[c]) / p.std[c];
      same[c][v] = static_cast<uint8_t>(v);
    }
  }
  Tensor tensor;
  int height = 0, width = 0;
  for (size_t i = 0; i < pictures.size(); ++i) {
    Picture own;
    SAMOYED_ASSIGN_OR_RETURN(const Picture* ready, Prepare(p, *pictures[i], own));
    if (i == 0) {
      height = ready->height;
      width = ready->width;
      const auto n = static_cast<int64_t>(pictures.size());
      const Shape shape = p.channels_last ? Shape{n, height, width, 3} : Shape{n, 3, height, width};
      SAMOYED_ASSIGN_OR_RETURN(tensor, Tensor::Allocate(p.bytes ? DType::kUint8 : DType::kFloat, shape));
    } else if (ready->height != height || ready->width != width) {
      return BadInput("picture ", i, " comes out as ", ready->width, " x ", ready->height, ", the first one as ", width, " x ", height,
                      "; a batch needs one size (resize or crop)");
    }
    const size_t offset = i * static_cast<size_t>(height) * static_cast<size_t>(width) * 3;
    if (p.bytes) {
      Fill(p, *ready, same, tensor.mutable_data<uint8_t>() + offset);
    } else {
      Fill(p, *ready, table, tensor.mutable_data<float>() + offset);
    }
  }
  return tensor;
}

}  // namespace samoyed::image
