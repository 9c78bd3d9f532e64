#include <cstdio>

#include "samoyed/image.h"
#include "samoyed/samoyed.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const samoyed::Value y = samoyed::Session(argv[1]).Run(samoyed::Value::Of<float>({1, 4}, {1, 1, 1, 1}));
  uint8_t grey[3] = {51, 51, 51};
  const samoyed_pixels pixel = {1, 1, grey};
  samoyed_image_tensor tensor = {};
  if (samoyed_image_to_tensor(&pixel, "{}", &tensor, nullptr, 0) != 0) return 1;
  std::printf("%g %g\n", y.View<float>()[0], static_cast<float*>(tensor.data)[0]);
  samoyed_image_free(tensor.data);
}
