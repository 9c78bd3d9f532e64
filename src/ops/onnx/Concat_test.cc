#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Concat, JoinsAlongAnyAxis) {
  const auto out = OpTester("Concat", 13)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<float>({2, 1}, {7.0f, 8.0f}))
                       .Attr("axis", int64_t{-1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 4}, {1.0f, 2.0f, 3.0f, 7.0f, 4.0f, 5.0f, 6.0f, 8.0f}));
}

TEST(Concat, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(OpTester("Concat", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<float>({1, 1}, {7.0f}))
                   .Attr("axis", int64_t{1})
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Concat", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2, 1}, {7, 8}))
                   .Attr("axis", int64_t{1})
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Concat", 13).Input(Tensor::Of<float>({}, {1.0f})).Attr("axis", int64_t{0}).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
