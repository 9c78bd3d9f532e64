#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Gather, CountsFromTheEnd) {
  const auto out = OpTester("Gather", 13)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<int64_t>({2}, {-1, 0}))
                       .Attr("axis", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {3.0f, 1.0f, 6.0f, 4.0f}));
}

TEST(Gather, MovesStringsAndPackedElements) {
  const auto strings = OpTester("Gather", 13).Input(Tensor::OfStrings({3}, {"a", "b", "c"})).Input(Tensor::Of<int64_t>({2}, {2, 0})).Run();
  ASSERT_TRUE(strings.ok());
  ExpectTensorNear((*strings)[0].tensor(), Tensor::OfStrings({2}, {"c", "a"}));
}

TEST(Gather, RefusesIndicesOutside) {
  EXPECT_FALSE(OpTester("Gather", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {2}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Gather", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {INT64_MIN}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Gather", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {0}))
                   .Attr("axis", int64_t{INT64_MIN})
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Gather", 13).Input(Tensor::Of<float>({}, {1.0f})).Input(Tensor::Of<int64_t>({1}, {0})).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
