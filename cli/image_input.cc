#include "image_input.h"

#include <nlohmann/json.hpp>

namespace samoyed::cli {

void DecodeFile(const std::string& path, bool upright, Pixels& out) {
  const std::string bytes = ReadFile(path);
  char message[512] = "";
  if (const int code = samoyed_image_decode(bytes.data(), bytes.size(), &out.pixels, message, sizeof message))
    throw Error(code, path + ": " + message);
  const int orientation = upright ? samoyed_image_orientation(bytes.data(), bytes.size()) : 1;
  if (orientation == 1) return;
  samoyed_pixels turned = {};
  if (const int code = samoyed_image_upright(&out.pixels, orientation, &turned, message, sizeof message))
    throw Error(code, path + ": " + message);
  samoyed_image_free(out.pixels.rgb);
  out.pixels = turned;
}

bool WantsUpright(const std::string& pipeline_json) {
  const auto pipeline = nlohmann::json::parse(pipeline_json, nullptr, false);
  return pipeline.is_object() && pipeline.contains("exif_orientation") && pipeline["exif_orientation"] == true;
}

ValuePtr ToTensor(const samoyed_pixels& pixels, const std::string& pipeline_json) {
  samoyed_image_tensor tensor = {};
  char message[512] = "";
  if (const int code = samoyed_image_to_tensor(&pixels, pipeline_json.c_str(), &tensor, message, sizeof message))
    throw Error(code, message);
  const std::unique_ptr<void, void (*)(void*)> data(tensor.data, samoyed_image_free);
  const size_t count = static_cast<size_t>(tensor.dims[0] * tensor.dims[1] * tensor.dims[2] * tensor.dims[3]);
  samoyed_value* value = nullptr;
  Check(Api().tensor_create(tensor.dtype, tensor.dims, 4, tensor.data, count * (tensor.dtype == 1 ? sizeof(float) : 1), &value));
  return ValuePtr(value);
}

}  // namespace samoyed::cli
