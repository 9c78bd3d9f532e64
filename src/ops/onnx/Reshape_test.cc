#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Reshape, CopiesAndInfersDimensions) {
  const auto out = OpTester("Reshape", 14)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<int64_t>({3}, {0, -1, 1}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 3, 1}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}));
}

TEST(Reshape, TakesTheShapeAsAttributeInVersion1) {
  const auto out = OpTester("Reshape", 1)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Attr("shape", std::vector<int64_t>{3, -1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({3, 2}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}));
}

TEST(Reshape, AllowsZeroSizes) {
  const auto out = OpTester("Reshape", 14)
                       .Input(Tensor::Of<float>({0, 3}, {}))
                       .Input(Tensor::Of<int64_t>({2}, {3, 0}))
                       .Attr("allowzero", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({3, 0}, {}));
}

TEST(Reshape, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(OpTester("Reshape", 14)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {5}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Reshape", 14)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {-1, -1}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Reshape", 14)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {INT64_MIN, 1}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Reshape", 14)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({3}, {INT64_MAX, INT64_MAX, -1}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Reshape", 14)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({3}, {1, 6, 0}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
