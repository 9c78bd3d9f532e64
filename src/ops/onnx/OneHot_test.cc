#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(OneHot, LeavesOutWhatIsOutside) {
  const auto out = OpTester("OneHot", 11)
                       .Input(Tensor::Of<int64_t>({3}, {0, -1, 7}))
                       .Input(Tensor::Of<float>({}, {2.0f}))
                       .Input(Tensor::Of<float>({2}, {5.0f, 6.0f}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({3, 2}, {6.0f, 5.0f, 5.0f, 6.0f, 5.0f, 5.0f}));
}

TEST(OneHot, RefusesBadArguments) {
  EXPECT_FALSE(OpTester("OneHot", 11)
                   .Input(Tensor::Of<int64_t>({1}, {0}))
                   .Input(Tensor::Of<int64_t>({}, {-1}))
                   .Input(Tensor::Of<float>({2}, {0.0f, 1.0f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("OneHot", 11)
                   .Input(Tensor::Of<int64_t>({1}, {0}))
                   .Input(Tensor::Of<int64_t>({}, {2}))
                   .Input(Tensor::Of<float>({3}, {0.0f, 1.0f, 2.0f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("OneHot", 11)
                   .Input(Tensor::Of<int64_t>({2}, {0, 0}))
                   .Input(Tensor::Of<int64_t>({}, {INT64_MAX}))
                   .Input(Tensor::Of<float>({2}, {0.0f, 1.0f}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
