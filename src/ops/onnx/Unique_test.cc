#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Unique, KeepsTheOrderOfAppearance) {
  const auto out = OpTester("Unique", 11)
                       .Input(Tensor::Of<float>({6}, {2.0f, 1.0f, 1.0f, 3.0f, 4.0f, 3.0f}))
                       .Attr("sorted", int64_t{0})
                       .Outputs(4)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({4}, {2.0f, 1.0f, 3.0f, 4.0f}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<int64_t>({4}, {0, 1, 3, 4}));
  ExpectTensorNear((*out)[2].tensor(), Tensor::Of<int64_t>({6}, {0, 1, 1, 2, 3, 2}));
  ExpectTensorNear((*out)[3].tensor(), Tensor::Of<int64_t>({4}, {1, 2, 2, 1}));
}

TEST(Unique, SortsStrings) {
  const auto out = OpTester("Unique", 11).Input(Tensor::OfStrings({3}, {"b", "a", "b"})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::OfStrings({2}, {"a", "b"}));
}

TEST(Unique, RefusesBadAxes) {
  EXPECT_FALSE(
      OpTester("Unique", 11).Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f})).Attr("axis", int64_t{2}).Run().ok());
  EXPECT_FALSE(OpTester("Unique", 11).Input(Tensor::Of<float>({2, 0}, {})).Attr("axis", int64_t{0}).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
