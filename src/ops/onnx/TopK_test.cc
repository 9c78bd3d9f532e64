#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(TopK, OrdersEqualOnesByPlace) {
  const auto out =
      OpTester("TopK", 11).Input(Tensor::Of<float>({1, 4}, {1.0f, 3.0f, 3.0f, 2.0f})).Input(Tensor::Of<int64_t>({1}, {3})).Outputs(2).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 3}, {3.0f, 3.0f, 2.0f}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<int64_t>({1, 3}, {1, 2, 3}));
}

TEST(TopK, TakesTheSmallest) {
  const auto out = OpTester("TopK", 11)
                       .Input(Tensor::Of<int64_t>({3}, {INT64_MAX, INT64_MIN, 0}))
                       .Input(Tensor::Of<int64_t>({1}, {2}))
                       .Attr("largest", int64_t{0})
                       .Outputs(2)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int64_t>({2}, {INT64_MIN, 0}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<int64_t>({2}, {1, 2}));
}

TEST(TopK, RefusesBadCounts) {
  EXPECT_FALSE(OpTester("TopK", 11)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {4}))
                   .Outputs(2)
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("TopK", 11)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {INT64_MIN}))
                   .Outputs(2)
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
