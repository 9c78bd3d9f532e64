#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(GatherND, TakesSlicesOfABatch) {
  const auto out = OpTester("GatherND", 13)
                       .Input(Tensor::Of<float>({2, 2, 2}, {0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f, 7.0f}))
                       .Input(Tensor::Of<int64_t>({2, 1}, {1, 0}))
                       .Attr("batch_dims", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {2.0f, 3.0f, 4.0f, 5.0f}));
}

TEST(GatherND, RefusesBadIndices) {
  EXPECT_FALSE(OpTester("GatherND", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1, 2}, {0, 3}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("GatherND", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1, 3}, {0, 0, 0}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("GatherND", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1, 2}, {0, 0}))
                   .Attr("batch_dims", int64_t{-1})
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
