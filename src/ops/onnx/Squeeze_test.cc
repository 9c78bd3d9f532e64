#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Squeeze, DropsAllAxesOfSizeOne) {
  const auto out = OpTester("Squeeze", 13).Input(Tensor::Of<float>({1, 2, 1}, {1.0f, 2.0f})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2}, {1.0f, 2.0f}));
}

TEST(Squeeze, RefusesOtherAxes) {
  EXPECT_FALSE(OpTester("Squeeze", 13).Input(Tensor::Of<float>({1, 2}, {1.0f, 2.0f})).Input(Tensor::Of<int64_t>({1}, {1})).Run().ok());
  EXPECT_FALSE(OpTester("Squeeze", 13).Input(Tensor::Of<float>({1, 2}, {1.0f, 2.0f})).Input(Tensor::Of<int64_t>({2}, {0, -2})).Run().ok());
  EXPECT_FALSE(
      OpTester("Squeeze", 11).Input(Tensor::Of<float>({1, 2}, {1.0f, 2.0f})).Attr("axes", std::vector<int64_t>{INT64_MIN}).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
