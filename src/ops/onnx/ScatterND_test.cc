#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(ScatterND, AddsRepeatedly) {
  const auto out = OpTester("ScatterND", 18)
                       .Input(Tensor::Of<float>({3}, {1.0f, 2.0f, 3.0f}))
                       .Input(Tensor::Of<int64_t>({3, 1}, {1, 1, -1}))
                       .Input(Tensor::Of<float>({3}, {10.0f, 10.0f, 5.0f}))
                       .Attr("reduction", std::string("add"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({3}, {1.0f, 22.0f, 8.0f}));
}

TEST(ScatterND, RefusesBadIndicesAndShapes) {
  EXPECT_FALSE(OpTester("ScatterND", 18)
                   .Input(Tensor::Of<float>({3}, {1.0f, 2.0f, 3.0f}))
                   .Input(Tensor::Of<int64_t>({1, 1}, {3}))
                   .Input(Tensor::Of<float>({1}, {1.0f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("ScatterND", 18)
                   .Input(Tensor::Of<float>({3}, {1.0f, 2.0f, 3.0f}))
                   .Input(Tensor::Of<int64_t>({1, 1}, {INT64_MIN}))
                   .Input(Tensor::Of<float>({1}, {1.0f}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("ScatterND", 18)
                   .Input(Tensor::Of<float>({3}, {1.0f, 2.0f, 3.0f}))
                   .Input(Tensor::Of<int64_t>({1, 1}, {0}))
                   .Input(Tensor::Of<float>({2}, {1.0f, 1.0f}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
