#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Pad, ReflectsManyTimes) {
  const auto out = OpTester("Pad", 13)
                       .Input(Tensor::Of<float>({1, 2}, {1.0f, 2.0f}))
                       .Input(Tensor::Of<int64_t>({4}, {0, 3, 0, 1}))
                       .Attr("mode", std::string("reflect"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 6}, {2.0f, 1.0f, 2.0f, 1.0f, 2.0f, 1.0f}));
}

TEST(Pad, CropsByNegativePads) {
  const auto out = OpTester("Pad", 11)
                       .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                       .Input(Tensor::Of<int64_t>({4}, {0, -1, -1, 1}))
                       .Input(Tensor::Of<float>({}, {9.0f}))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 3}, {2.0f, 3.0f, 9.0f}));
}

TEST(Pad, WrapsAround) {
  for (const int opset : {18, 19}) {  // 18: the standard does not have it, PyTorch writes it
    const auto out = OpTester("Pad", opset)
                         .Input(Tensor::Of<float>({3}, {1.0f, 2.0f, 3.0f}))
                         .Input(Tensor::Of<int64_t>({2}, {4, 1}))
                         .Attr("mode", std::string("wrap"))
                         .Run();
    ASSERT_TRUE(out.ok()) << out.status().ToString();
    ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({8}, {3.0f, 1.0f, 2.0f, 3.0f, 1.0f, 2.0f, 3.0f, 1.0f}));
  }
}

TEST(Pad, RefusesBadPads) {
  EXPECT_FALSE(OpTester("Pad", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({4}, {INT64_MIN, 0, 0, 0}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Pad", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({4}, {INT64_MAX, 0, INT64_MAX, 0}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Pad", 13)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({3}, {1, 1, 1}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("Pad", 18)
                   .Input(Tensor::Of<float>({2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f}))
                   .Input(Tensor::Of<int64_t>({2}, {1, 1}))
                   .NoInput()
                   .Input(Tensor::Of<int64_t>({1}, {2}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
