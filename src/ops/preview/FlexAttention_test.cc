#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

OpTester Flex(Tensor q, Tensor k, Tensor v) {
  OpTester t("FlexAttention", 1, "ai.onnx.preview");
  t.Input(std::move(q)).Input(std::move(k)).Input(std::move(v));
  return t;
}

TEST(FlexAttention, WeighsValuesBySoftmaxOfScores) {
  const float log3 = 1.09861229f;
  // Two query heads share the one key head.
  const auto out =
      Flex(Tensor::Of<float>({1, 2, 1, 1}, {1, 0}), Tensor::Of<float>({1, 1, 2, 1}, {0, log3}), Tensor::Of<float>({1, 1, 2, 1}, {4, 8}))
          .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 2, 1, 1}, {7, 6}));
}

TEST(FlexAttention, RefusesWhatDoesNotFit) {
  const Tensor one = Tensor::Of<float>({1, 1, 1, 1}, {1}), two = Tensor::Of<float>({1, 1, 2, 1}, {1, 2});
  EXPECT_FALSE(Flex(one, two, one).Run().ok());
  EXPECT_FALSE(Flex(one, one, Tensor::Of<double>({1, 1, 1, 1}, {1})).Run().ok());
  EXPECT_FALSE(Flex(one, Tensor::Of<float>({1, 2, 1, 1}, {1, 2}), Tensor::Of<float>({1, 2, 1, 1}, {1, 2})).Run().ok());
  EXPECT_FALSE(Flex(one, one, one).Attr("softmax_precision", int64_t{6}).Run().ok());
  EXPECT_FALSE(Flex(Tensor::Of<float>({1, 1, 1}, {1}), one, one).Run().ok());
}

TEST(FlexAttention, NoKeysGiveZeros) {
  const Tensor none = Tensor::Of<float>({1, 1, 0, 1}, {});
  const auto out = Flex(Tensor::Of<float>({1, 1, 1, 1}, {1}), none, none).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {0}));
}

}  // namespace
}  // namespace samoyed::testing
