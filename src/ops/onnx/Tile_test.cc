#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Tile, Repeats) {
  const auto out = OpTester("Tile", 13).Input(Tensor::Of<float>({1, 2}, {1.0f, 2.0f})).Input(Tensor::Of<int64_t>({2}, {2, 2})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 4}, {1.0f, 2.0f, 1.0f, 2.0f, 1.0f, 2.0f, 1.0f, 2.0f}));
}

TEST(Tile, TakesAnAxisInVersion1) {
  const auto out = OpTester("Tile", 1)
                       .Input(Tensor::Of<float>({2}, {1.0f, 2.0f}))
                       .Input(Tensor::Of<float>({}, {2.0f}))
                       .Input(Tensor::Of<float>({}, {0.0f}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({4}, {1.0f, 2.0f, 1.0f, 2.0f}));
}

TEST(Tile, RefusesBadRepeats) {
  EXPECT_FALSE(OpTester("Tile", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {-1, 1}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Tile", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {INT64_MAX, INT64_MAX}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Tile", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {2}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
