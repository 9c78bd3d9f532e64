// What is in a picture: classify MODEL PICTURE. The model carries its own pipeline and labels (`samoyed pack`).
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "samoyed/image.h"
#include "samoyed/samoyed.hpp"

int main(int argc, char** argv) try {
  if (argc != 3) return std::cerr << "usage: classify MODEL PICTURE\n", 2;
  const samoyed::Session session(argv[1]);
  std::ifstream file(argv[2], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};

  char message[256] = "";
  samoyed_pixels pixels = {};
  samoyed_image_tensor tensor = {};
  if (samoyed_image_decode(bytes.data(), bytes.size(), &pixels, message, sizeof message) != 0 ||
      samoyed_image_to_tensor(&pixels, session.Metadata("samoyed.pipeline").value_or("{}").c_str(), &tensor, message, sizeof message) != 0) {
    return std::cerr << argv[2] << ": " << message << '\n', 5;
  }
  const size_t count = static_cast<size_t>(tensor.dims[0] * tensor.dims[1] * tensor.dims[2] * tensor.dims[3]);
  const samoyed::Value scores = session.Run(samoyed::Value::Of<float>({tensor.dims, tensor.dims + 4}, static_cast<const float*>(tensor.data), count));
  samoyed_image_free(tensor.data);
  samoyed_image_free(pixels.rgb);

  const auto view = scores.View<float>();
  const auto best = std::max_element(view.begin(), view.end()) - view.begin();
  std::istringstream labels(session.Metadata("samoyed.labels").value_or(""));
  std::string label;
  for (std::ptrdiff_t i = 0; i <= best; ++i) std::getline(labels, label);
  std::cout << label << '\n';
} catch (const samoyed::Error& error) {
  std::cerr << error.what() << '\n';
  return error.code();
}
