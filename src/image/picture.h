// A decoded picture: 8-bit RGB, row by row, no padding.
#ifndef SAMOYED_IMAGE_PICTURE_H_
#define SAMOYED_IMAGE_PICTURE_H_

#include <cstdint>
#include <vector>

namespace samoyed::image {

struct Picture {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;  // height * width * 3
};

}  // namespace samoyed::image

#endif  // SAMOYED_IMAGE_PICTURE_H_
