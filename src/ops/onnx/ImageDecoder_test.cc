#include <gtest/gtest.h>

#include "ops/common/image_codec.h"
#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

// "Decodes" bytes to one row of pixels.
Result<ops::DecodedImage> FakeCodec(std::span<const std::byte> bytes) {
  if (bytes.empty()) return BadInput("nothing there");
  if (bytes.size() == 3) return Unsupported("another format");
  ops::DecodedImage image{.width = static_cast<int64_t>(bytes.size() / 3), .height = 1, .rgb = {}};
  for (const std::byte b : bytes) image.rgb.push_back(static_cast<uint8_t>(b));
  return image;
}

OpTester Decoder(const char* format) {
  OpTester t("ImageDecoder", 20);
  t.Attr("pixel_format", std::string(format)).Input(Tensor::Of<uint8_t>({6}, {255, 0, 0, 1, 2, 3}));
  return t;
}

TEST(ImageDecoder, OrdersChannels) {
  EXPECT_EQ(Decoder("RGB").Run().status().code(), Code::kUnsupported);
  ops::SetImageCodec(FakeCodec);
  const auto rgb = Decoder("RGB").Run(), bgr = Decoder("BGR").Run(), grey = Decoder("Grayscale").Run(), other = Decoder("CMYK").Run();
  const auto empty = OpTester("ImageDecoder", 20).Input(Tensor::Of<uint8_t>({0}, {})).Run();
  const auto unknown = OpTester("ImageDecoder", 20).Input(Tensor::Of<uint8_t>({3}, {1, 2, 3})).Run();
  const auto damaged = OpTester("ImageDecoder", 20).Input(Tensor::Of<uint8_t>({4}, {1, 2, 3, 4})).Run();
  ops::SetImageCodec(nullptr);
  ASSERT_TRUE(rgb.ok() && bgr.ok() && grey.ok()) << rgb.status().ToString();
  ExpectTensorNear((*rgb)[0].tensor(), Tensor::Of<uint8_t>({1, 2, 3}, {255, 0, 0, 1, 2, 3}));
  ExpectTensorNear((*bgr)[0].tensor(), Tensor::Of<uint8_t>({1, 2, 3}, {0, 0, 255, 3, 2, 1}));
  ExpectTensorNear((*grey)[0].tensor(), Tensor::Of<uint8_t>({1, 2, 1}, {76, 2}));
  EXPECT_FALSE(other.ok());
  EXPECT_EQ(empty.status().code(), Code::kBadInput);
  EXPECT_EQ(unknown.status().code(), Code::kUnsupported);
  EXPECT_FALSE(damaged.ok());
}

}  // namespace
}  // namespace samoyed::testing
