#include "image/pipeline.h"

#include <gtest/gtest.h>

#include "samoyed/image.h"

namespace samoyed::image {
namespace {

Result<Tensor> Through(std::string_view json, const std::vector<Picture>& pictures) {
  std::vector<const Picture*> pointers;
  for (const Picture& p : pictures) pointers.push_back(&p);
  return RunPipeline(ParsePipeline(json).value(), pointers);
}

TEST(Pipeline, UnknownStepsAreErrors) {
  EXPECT_TRUE(ParsePipeline(R"({"resize": 256, "crop": [224, 224], "layout": "NHWC", "exif_orientation": true})").ok());
  for (const char* bad : {"", "[]", R"({"rezise": 256})", R"({"crop": -1})", R"({"std": [0, 1, 1]})", R"({"mean": [1]})",
                          R"({"layout": "CHW"})", R"({"resize": [0, 5]})", R"({"crop": [5, 0]})", R"({"crop": 100000})",
                          R"({"max_size": 5})", R"({"resize": 9, "max_size": 9})", R"({"dtype": "int8"})", R"({"range": 2})",
                          R"({"pillow": 11})", R"({"mean": [1e60, 0, 0]})", R"({"resize": 18446744073709551615})"}) {
    EXPECT_FALSE(ParsePipeline(bad).ok()) << bad;
  }
}

TEST(Pipeline, NormalisesIntoPlanes) {
  const auto tensor = Through(R"({"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]})", {{1, 1, {255, 0, 51}}});
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->shape().ToString(), "[1,3,1,1]");
  EXPECT_FLOAT_EQ(tensor->data<float>()[0], 1);
  EXPECT_FLOAT_EQ(tensor->data<float>()[1], -1);
  EXPECT_FLOAT_EQ(tensor->data<float>()[2], -0.6f);
}

TEST(Pipeline, BatchesBytesAndChannelOrders) {
  const auto tensor = Through(R"({"dtype": "uint8", "channels": "BGR", "layout": "NHWC"})", {{1, 1, {1, 2, 3}}, {1, 1, {4, 5, 6}}});
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->shape().ToString(), "[2,1,1,3]");
  EXPECT_EQ(std::vector<uint8_t>(tensor->data<uint8_t>(), tensor->data<uint8_t>() + 6), (std::vector<uint8_t>{3, 2, 1, 6, 5, 4}));
  EXPECT_FALSE(Through("{}", {{1, 1, {1, 2, 3}}, {2, 1, {4, 5, 6, 7, 8, 9}}}).ok());
  EXPECT_FALSE(Through("{}", {}).ok());
}

TEST(Pipeline, NullPointersAreErrors) {
  char message[64] = "";
  EXPECT_NE(samoyed_image_to_tensor(nullptr, "{}", nullptr, message, sizeof message), 0);
  EXPECT_STREQ(message, "a null pointer was given");
  EXPECT_NE(samoyed_image_decode(nullptr, 3, nullptr, nullptr, 0), 0);
}

}  // namespace
}  // namespace samoyed::image
