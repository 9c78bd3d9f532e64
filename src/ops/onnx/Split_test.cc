#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Split, MakesTheLastPartSmaller) {
  const auto out =
      OpTester("Split", 18).Input(Tensor::Of<float>({5}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f})).Attr("num_outputs", int64_t{2}).Outputs(2).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({3}, {1.0f, 2.0f, 3.0f}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({2}, {4.0f, 5.0f}));
}

TEST(Split, TakesSizesAsAttribute) {
  const auto out = OpTester("Split", 2)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Attr("split", std::vector<int64_t>{1, 2})
                       .Attr("axis", int64_t{1})
                       .Outputs(2)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 1}, {1.0f, 4.0f}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({2, 2}, {2.0f, 3.0f, 5.0f, 6.0f}));
}

TEST(Split, RefusesSizesThatDoNotAddUp) {
  EXPECT_FALSE(OpTester("Split", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {1, INT64_MAX}))
                   .Outputs(2)
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Split", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {-1, 3}))
                   .Outputs(2)
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Split", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Attr("axis", int64_t{1})
                   .Outputs(2)
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
