#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(SequenceInsert, PutsElementsAnywhere) {
  const auto made = OpTester("SequenceConstruct", 11).Input(Tensor::Scalar<float>(1)).Input(Tensor::Scalar<float>(2)).Run();
  ASSERT_TRUE(made.ok());
  const auto out =
      OpTester("SequenceInsert", 11).Input((*made)[0]).Input(Tensor::Scalar<float>(3)).Input(Tensor::Scalar<int64_t>(-1)).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  const auto& items = (*out)[0].sequence().items;
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[1].tensor().data<float>()[0], 3);
  for (const int64_t place : {int64_t{3}, int64_t{-3}, INT64_MIN}) {
    EXPECT_FALSE(
        OpTester("SequenceInsert", 11).Input((*made)[0]).Input(Tensor::Scalar<float>(3)).Input(Tensor::Scalar<int64_t>(place)).Run().ok());
    EXPECT_FALSE(OpTester("SequenceAt", 11).Input((*made)[0]).Input(Tensor::Scalar<int64_t>(place)).Run().ok());
  }
}

}  // namespace
}  // namespace samoyed::testing
