#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Range, CountsDown) {
  const auto out = OpTester("Range", 11)
                       .Input(Tensor::Of<int64_t>({}, {10}))
                       .Input(Tensor::Of<int64_t>({}, {4}))
                       .Input(Tensor::Of<int64_t>({}, {-3}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int64_t>({2}, {10, 7}));
}

TEST(Range, IsEmptyWhenItWouldNotEnd) {
  const auto out = OpTester("Range", 11)
                       .Input(Tensor::Of<float>({}, {3.0f}))
                       .Input(Tensor::Of<float>({}, {1.0f}))
                       .Input(Tensor::Of<float>({}, {1.0f}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({0}, {}));
}

TEST(Range, RefusesEndlessOnes) {
  EXPECT_FALSE(OpTester("Range", 11)
                   .Input(Tensor::Of<int64_t>({}, {0}))
                   .Input(Tensor::Of<int64_t>({}, {5}))
                   .Input(Tensor::Of<int64_t>({}, {0}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Range", 11)
                   .Input(Tensor::Of<int64_t>({}, {INT64_MIN}))
                   .Input(Tensor::Of<int64_t>({}, {INT64_MAX}))
                   .Input(Tensor::Of<int64_t>({}, {1}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Range", 11)
                   .Input(Tensor::Of<float>({}, {0.0f}))
                   .Input(Tensor::Of<float>({}, {INFINITY}))
                   .Input(Tensor::Of<float>({}, {1.0f}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
