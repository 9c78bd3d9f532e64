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
  EXPECT_EQ(ResizeShorter(thin, 256, Filter::kBilinear).status().code(), Code::kLimit);
}

TEST(CenterCrop, PadsWhatIsTooSmall) {
  const Picture out = CenterCrop({1, 1, {9, 8, 7}}, 3, 3);
  std::vector<uint8_t> expected(27, 0);
  expected[12] = 9, expected[13] = 8, expected[14] = 7;
  EXPECT_EQ(out.rgb, expected);
}

TEST(Decode, SaysWhatIsWrong) {
  EXPECT_EQ(Decode({}).status().code(), Code::kBadInput);
  const char text[] = "hello, this is text";
  EXPECT_EQ(Decode(std::as_bytes(std::span(text))).status().code(), Code::kBadInput);
  EXPECT_EQ(CheckSize(60000, 60000, {}).code(), Code::kLimit);
  // A PNG header that claims 60,000 x 60,000 pixels and ends there.
  const unsigned char png[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 2, 0, 0, 0, 0x40, 0x9e, 0x2c, 0x2d};
  EXPECT_FALSE(Decode(std::as_bytes(std::span(png))).ok());
}

TEST(Pipeline, UnknownStepsAreErrors) {
  EXPECT_TRUE(ParsePipeline(R"({"resize": 256, "crop": [224, 224], "layout": "NHWC"})").ok());
  for (const char* bad : {"", "[]", R"({"rezise": 256})", R"({"crop": -1})", R"({"std": [0, 1, 1]})", R"({"mean": [1]})", R"({"layout": "CHW"})"}) {
    EXPECT_FALSE(ParsePipeline(bad).ok()) << bad;
  }
}

TEST(Pipeline, NormalisesIntoPlanes) {
  const auto tensor = RunPipeline(ParsePipeline(R"({"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]})").value(), {1, 1, {255, 0, 51}});
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->shape().ToString(), "[1,3,1,1]");
  EXPECT_FLOAT_EQ(tensor->data<float>()[0], 1);
  EXPECT_FLOAT_EQ(tensor->data<float>()[1], -1);
  EXPECT_FLOAT_EQ(tensor->data<float>()[2], -0.6f);
}

}  // namespace
}  // namespace samoyed::image
