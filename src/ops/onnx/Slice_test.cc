#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Slice, StepsBackwards) {
  const auto out = OpTester("Slice", 13)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<int64_t>({2}, {-1, INT64_MAX}))
                       .Input(Tensor::Of<int64_t>({2}, {INT64_MIN, INT64_MIN}))
                       .Input(Tensor::Of<int64_t>({2}, {0, 1}))
                       .Input(Tensor::Of<int64_t>({2}, {-1, -2}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {6.0f, 4.0f, 3.0f, 1.0f}));
}

TEST(Slice, TakesAttributesInVersion1) {
  const auto out = OpTester("Slice", 1)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Attr("starts", std::vector<int64_t>{1})
                       .Attr("ends", std::vector<int64_t>{1000})
                       .Attr("axes", std::vector<int64_t>{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {2.0f, 3.0f, 5.0f, 6.0f}));
}

TEST(Slice, TakesOneElementOfAnyStep) {
  const auto out = OpTester("Slice", 13)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<int64_t>({1}, {1}))
                       .Input(Tensor::Of<int64_t>({1}, {INT64_MAX}))
                       .Input(Tensor::Of<int64_t>({1}, {1}))
                       .Input(Tensor::Of<int64_t>({1}, {INT64_MAX}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 1}, {2.0f, 5.0f}));
}

TEST(Slice, RefusesBadArguments) {
  EXPECT_FALSE(OpTester("Slice", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {0}))
                   .Input(Tensor::Of<int64_t>({1}, {1}))
                   .Input(Tensor::Of<int64_t>({1}, {0}))
                   .Input(Tensor::Of<int64_t>({1}, {0}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Slice", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {0}))
                   .Input(Tensor::Of<int64_t>({1}, {1}))
                   .Input(Tensor::Of<int64_t>({1}, {INT64_MIN}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Slice", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {0, 0}))
                   .Input(Tensor::Of<int64_t>({1}, {1}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
