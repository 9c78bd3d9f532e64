// One session, inputs of different sizes: dynamic_shape MODEL, a model that takes float["n", 4].
#include <iostream>

#include "samoyed/samoyed.hpp"

int main(int argc, char** argv) try {
  if (argc != 2) return std::cerr << "usage: dynamic_shape MODEL\n", 2;
  const samoyed::Session session(argv[1]);
  std::cout << session.InputName(0) << ": " << session.InputType(0) << '\n';
  for (int64_t rows : {1, 3, 1000, 3}) {  // the plan of each size is kept
    const std::vector<float> x(static_cast<size_t>(rows) * 4, 0.5f);
    const samoyed::Value y = session.Run(samoyed::Value::Of({rows, 4}, x));
    std::cout << rows << " rows -> [" << y.shape()[0] << ", " << y.shape()[1] << "], first element " << y.View<float>()[0] << '\n';
  }
  try {
    (void)session.Run(samoyed::Value::Of<float>({1, 5}, {1, 2, 3, 4, 5}));
  } catch (const samoyed::Error& error) {
    std::cout << "a wrong shape: " << error.what() << '\n';
  }
} catch (const samoyed::Error& error) {
  std::cerr << error.what() << '\n';
  return error.code();
}
