#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(ScatterElements, WritesAlongAnAxis) {
  const auto out = OpTester("ScatterElements", 18)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<int64_t>({1, 2}, {-1, 0}))
                       .Input(Tensor::Of<float>({1, 2}, {8.0f, 9.0f}))
                       .Attr("axis", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 3}, {9.0f, 2.0f, 8.0f, 4.0f, 5.0f, 6.0f}));
}

TEST(ScatterElements, TakesTheLargest) {
  const auto out = OpTester("ScatterElements", 18)
                       .Input(Tensor::Of<float>({2}, {1.0f, 5.0f}))
                       .Input(Tensor::Of<int64_t>({2}, {0, 1}))
                       .Input(Tensor::Of<float>({2}, {3.0f, 3.0f}))
                       .Attr("reduction", std::string("max"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2}, {3.0f, 5.0f}));
}

TEST(ScatterElements, RefusesBadIndicesAndShapes) {
  EXPECT_FALSE(OpTester("ScatterElements", 18)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1, 1}, {2}))
                   .Input(Tensor::Of<float>({1, 1}, {1.0f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("ScatterElements", 18)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1, 4}, {0, 0, 0, 0}))
                   .Input(Tensor::Of<float>({1, 4}, {1.0f, 1.0f, 1.0f, 1.0f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("ScatterElements", 18)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1, 1}, {0}))
                   .Input(Tensor::Of<float>({1, 2}, {1.0f, 1.0f}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
