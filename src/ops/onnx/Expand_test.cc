#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Expand, BroadcastsBothWays) {
  const auto out = OpTester("Expand", 13).Input(Tensor::Of<float>({2, 1}, {1.0f, 2.0f})).Input(Tensor::Of<int64_t>({3}, {2, 1, 2})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2, 2}, {1.0f, 1.0f, 2.0f, 2.0f, 1.0f, 1.0f, 2.0f, 2.0f}));
}

TEST(Expand, RefusesBadShapes) {
  EXPECT_FALSE(OpTester("Expand", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {2}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Expand", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {-1}))
                   .Run()
                   .ok());
  EXPECT_FALSE(
      OpTester("Expand", 13).Input(Tensor::Of<float>({}, {1.0f})).Input(Tensor::Of<int64_t>({2}, {INT64_MAX, INT64_MAX})).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
