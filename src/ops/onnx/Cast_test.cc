#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Cast, ReadsNumbersFromText) {
  const auto out = OpTester("Cast", 13).Input(Tensor::OfStrings({4}, {"1.5", "+2", "-INF", "1e400"})).Attr("to", int64_t{1}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({4}, {1.5f, 2.f, -INFINITY, INFINITY}));
}

TEST(Cast, RefusesTextThatIsNoNumberOfTheType) {
  const auto cast = [](std::string text, int64_t to) {
    return OpTester("Cast", 13).Input(Tensor::OfStrings({1}, {text})).Attr("to", to).Run();
  };
  constexpr int64_t kInt8 = 3, kInt64 = 7, kUint64 = 13;
  EXPECT_TRUE(cast("9223372036854775807", kInt64).ok());
  EXPECT_TRUE(cast("18446744073709551615", kUint64).ok());
  EXPECT_TRUE(cast("-128", kInt8).ok());
  EXPECT_TRUE(cast("1e3", kInt64).ok());
  EXPECT_FALSE(cast("9223372036854775808", kInt64).ok());
  EXPECT_FALSE(cast("99999999999999999999", kInt64).ok());
  EXPECT_FALSE(cast("18446744073709551616", kUint64).ok());
  EXPECT_FALSE(cast("-1", kUint64).ok());
  EXPECT_FALSE(cast("128", kInt8).ok());
  EXPECT_FALSE(cast("1e30", kInt64).ok());
  EXPECT_FALSE(cast("nan", kInt64).ok());
}

TEST(Cast, WritesNumbersAsText) {
  const auto out = OpTester("Cast", 13).Input(Tensor::Of<float>({4}, {0.1f, 2.0f, 1e+20f, -3.25f})).Attr("to", int64_t{8}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::OfStrings({4}, {"0.1", "2.0", "1e+20", "-3.25"}));
}

TEST(Cast, WrapsIntegers) {
  const auto out = OpTester("Cast", 13).Input(Tensor::Of<int64_t>({2}, {200, -129})).Attr("to", int64_t{3}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int8_t>({2}, {-56, 127}));
}

TEST(Cast, RoundsLongIntegersOnce) {
  const auto out = OpTester("Cast", 13).Input(Tensor::Of<int64_t>({1}, {0x4000004000000001})).Attr("to", int64_t{1}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1}, {0x1.000002p62f}));
}

TEST(Cast, RefusesWords) {
  EXPECT_FALSE(OpTester("Cast", 13).Input(Tensor::OfStrings({1}, {"word"})).Attr("to", int64_t{1}).Run().ok());
  EXPECT_FALSE(
      OpTester("Cast", 13).Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f})).Attr("to", int64_t{99}).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
