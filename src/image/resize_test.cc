#include "image/resize.h"

#include <gtest/gtest.h>

#include <cstring>

#include "image/decode.h"
#include "image/pipeline.h"

namespace samoyed::image {
namespace {

Picture Gradient(int width, int height) {
  Picture p{width, height, {}};
  for (int i = 0; i < width * height * 3; ++i) p.rgb.push_back(static_cast<uint8_t>(i * 7));
  return p;
}

TEST(Resize, TheSameSizeIsTheSamePicture) { EXPECT_EQ(Resize(Gradient(5, 4), 5, 4, Filter::kBicubic)->rgb, Gradient(5, 4).rgb); }

TEST(Resize, BoxAveragesAndNearestPicks) {
  const Picture two{2, 1, {0, 0, 0, 100, 200, 50}};
  EXPECT_EQ(Resize(two, 1, 1, Filter::kBox)->rgb, (std::vector<uint8_t>{50, 100, 25}));
  EXPECT_EQ(Resize(two, 1, 1, Filter::kNearest)->rgb, (std::vector<uint8_t>{100, 200, 50}));
}

TEST(Resize, RefusesAbsurdSizes) {
  EXPECT_FALSE(Resize(Gradient(2, 2), 0, 4, Filter::kBox).ok());
  EXPECT_FALSE(Resize(Gradient(2, 2), 1 << 20, 4, Filter::kBox).ok());
  EXPECT_FALSE(FilterFromName("cubic").ok());
}

TEST(Resize, AThinPictureDoesNotOverflow) {
  const Picture thin{1 << 23, 1, std::vector<uint8_t>(3 << 23)};  // 256 times as long as its shorter side: 2^31
  EXPECT_EQ(ResizeShorter(thin, 256, 0, Filter::kBilinear).status().code(), Code::kLimit);
}

// Both sides are allowed, the area is not; nor is what would lie between the passes.
TEST(Resize, LargePicturesAreRefused) {
  EXPECT_EQ(Resize(Gradient(2, 2), kLargestSide, kLargestSide, Filter::kNearest).status().code(), Code::kLimit);
  EXPECT_EQ(CenterCrop(Gradient(2, 2), kLargestSide, kLargestSide).status().code(), Code::kLimit);
  const Picture tall{1, 1 << 18, std::vector<uint8_t>(3 << 18)};
  EXPECT_EQ(Resize(tall, kLargestSide, 2, Filter::kBox).status().code(), Code::kLimit);
  EXPECT_TRUE(Resize(tall, 2, 2, Filter::kLanczos).ok());
}

TEST(Resize, Pillow13GoesDownFirstWhereMoreRowsAreLost) {
  const auto both = [](int width, int height) {
    const Picture in = Gradient(61, 40);
    return Resize(in, width, height, Filter::kBicubic)->rgb == Resize(in, width, height, Filter::kBicubic, Passes::kPillow13)->rgb;
  };
  EXPECT_TRUE(both(51, 20));   // 20 rows and 10 columns less: across first
  EXPECT_FALSE(both(51, 19));  // 21 rows: down first
  EXPECT_TRUE(both(90, 41));   // more rows: across first
}

TEST(CenterCrop, PadsWhatIsTooSmall) {
  const Picture out = CenterCrop({1, 1, {9, 8, 7}}, 3, 3).value();
  std::vector<uint8_t> expected(27, 0);
  expected[12] = 9, expected[13] = 8, expected[14] = 7;
  EXPECT_EQ(out.rgb, expected);
}

}  // namespace
}  // namespace samoyed::image
