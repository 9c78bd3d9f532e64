#include "image_input.h"

namespace samoyed::cli {

void DecodeFile(const std::string& path, Pixels& out) {
  const std::string bytes = ReadFile(path);
  char message[512] = "";
  if (const int code = samoyed_image_decode(bytes.data(), bytes.size(), &out.pixels, message, sizeof message))
    throw Error(code, path + ": " + message);
}

ValuePtr ToTensor(const samoyed_pixels& pixels, const std::string& pipeline_json) {
  samoyed_image_tensor tensor = {};
  char message[512] = "";
  if (const int code = samoyed_image_to_tensor(&pixels, pipeline_json.c_str(), &tensor, message, sizeof message))
    throw Error(code, message);
  const std::unique_ptr<float, void (*)(void*)> data(tensor.data, samoyed_image_free);
  const size_t count = static_cast<size_t>(tensor.dims[0] * tensor.dims[1] * tensor.dims[2] * tensor.dims[3]);
  samoyed_value* value = nullptr;
  Check(Api().tensor_create(1, tensor.dims, 4, tensor.data, count * sizeof(float), &value));
  return ValuePtr(value);
}

}  // namespace samoyed::cli
