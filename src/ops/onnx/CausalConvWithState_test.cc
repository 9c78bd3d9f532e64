#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

OpTester Conv(std::vector<float> x, std::vector<float> weight) {
  OpTester t("CausalConvWithState", 27);
  t.Input(Tensor::Of<float>({1, 1, static_cast<int64_t>(x.size())}, std::span<const float>(x)))
      .Input(Tensor::Of<float>({1, 1, static_cast<int64_t>(weight.size())}, std::span<const float>(weight)))
      .Outputs(2);
  return t;
}

TEST(CausalConvWithState, LooksBackAndCarriesTheEnd) {
  const auto out = Conv({1, 2, 3}, {100, 10, 1}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 3}, {1, 12, 123}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({1, 1, 2}, {2, 3}));
}

TEST(CausalConvWithState, ShortInputsKeepSomeOfThePast) {
  const auto out = Conv({3}, {100, 10, 1}).Input(Tensor::Of<float>({1}, {1000})).Input(Tensor::Of<float>({1, 1, 2}, {1, 2})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1}, {1123}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({1, 1, 2}, {2, 3}));
}

TEST(CausalConvWithState, AppliesSilu) {
  const auto out = Conv({-1}, {1}).Attr("activation", std::string("silu")).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1}, {-0.26894143f}));
  EXPECT_EQ((*out)[1].tensor().shape(), (Shape{1, 1, 0}));
}

TEST(CausalConvWithState, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(Conv({1}, {}).Run().ok());
  EXPECT_FALSE(Conv({1}, {1}).Attr("activation", std::string("relu")).Run().ok());
  EXPECT_FALSE(Conv({1}, {1}).Input(Tensor::Of<float>({2}, {1, 2})).Run().ok());
  EXPECT_FALSE(Conv({1}, {1, 2}).NoInput().Input(Tensor::Of<float>({1, 1, 2}, {1, 2})).Run().ok());
  EXPECT_FALSE(OpTester("CausalConvWithState", 27)
                   .Input(Tensor::Of<float>({1, 2, 1}, {1, 2}))
                   .Input(Tensor::Of<float>({1, 1, 1}, {1}))
                   .Outputs(2)
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
