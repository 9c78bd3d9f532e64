#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Col2Im, AddsOverlappingBlocks) {
  const auto out = OpTester("Col2Im", 18)
                       .Input(Tensor::Of<float>({1, 2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<int64_t>({2}, {1, 4}))
                       .Input(Tensor::Of<int64_t>({2}, {1, 2}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1, 4}, {1.0f, 6.0f, 8.0f, 6.0f}));
}

TEST(Col2Im, RefusesBadGeometry) {
  EXPECT_FALSE(OpTester("Col2Im", 18)
                   .Input(Tensor::Of<float>({1, 2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {1, 5}))
                   .Input(Tensor::Of<int64_t>({2}, {1, 2}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Col2Im", 18)
                   .Input(Tensor::Of<float>({1, 2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {INT64_MIN, 4}))
                   .Input(Tensor::Of<int64_t>({2}, {1, 2}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Col2Im", 18)
                   .Input(Tensor::Of<float>({1, 2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {1, 4}))
                   .Input(Tensor::Of<int64_t>({2}, {1, INT64_MAX}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
