#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(NonMaxSuppression, DropsOverlappingBoxes) {
  const auto out = OpTester("NonMaxSuppression", 11)
                       .Input(Tensor::Of<float>({1, 3, 4}, {0.0f, 0.0f, 1.0f, 1.0f, 0.0f, 0.1f, 1.0f, 1.1f, 0.0f, 10.0f, 1.0f, 11.0f}))
                       .Input(Tensor::Of<float>({1, 1, 3}, {0.9f, 0.75f, 0.6f}))
                       .Input(Tensor::Of<int64_t>({1}, {3}))
                       .Input(Tensor::Of<float>({1}, {0.5f}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int64_t>({2, 3}, {0, 0, 0, 0, 0, 2}));
}

TEST(NonMaxSuppression, RefusesBadShapes) {
  EXPECT_FALSE(OpTester("NonMaxSuppression", 11)
                   .Input(Tensor::Of<float>({1, 1, 3}, {0.0f, 0.0f, 1.0f}))
                   .Input(Tensor::Of<float>({1, 1, 1}, {1.0f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("NonMaxSuppression", 11)
                   .Input(Tensor::Of<float>({1, 1, 4}, {0.0f, 0.0f, 1.0f, 1.0f}))
                   .Input(Tensor::Of<float>({1, 1, 2}, {1.0f, 1.0f}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
