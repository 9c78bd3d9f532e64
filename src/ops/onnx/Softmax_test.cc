#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"
#include "tensor/convert.h"

namespace samoyed::testing {
namespace {

TEST(Softmax, SumsToOneAlongTheLastAxis) {
  const auto out = OpTester("Softmax", 13).Input(Tensor::Of<float>({2, 2}, {0, 0, 1000, 1000})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {0.5f, 0.5f, 0.5f, 0.5f}));
}

TEST(Softmax, TakesAllAxesFromTheAxisOnAsOneBelowVersion13) {
  const auto out = OpTester("Softmax", 1).Input(Tensor::Of<float>({1, 2, 2}, {0, 0, 0, 0})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 2, 2}, {0.25f, 0.25f, 0.25f, 0.25f}));
}

// The function that defines the operator rounds after each step: each of these three ends one step of float16 elsewhere
// (12890, 11437, 14804) when it is done once.
TEST(Softmax, RoundsEachStepToFloat16) {
  auto x = Tensor::Allocate(DType::kFloat16, {3});
  ASSERT_TRUE(x.ok());
  StoreAll<double>(*x, {-0.6, -1.6, 0.7});
  const auto out = OpTester("Softmax", 13).Input(*std::move(x)).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  EXPECT_EQ(
      LoadAll<double>((*out)[0].tensor()),
      (std::vector<double>{DecodeFloat(DType::kFloat16, 12889), DecodeFloat(DType::kFloat16, 11436), DecodeFloat(DType::kFloat16, 14805)}));
}

}  // namespace
}  // namespace samoyed::testing
