#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(TensorScatter, WrapsAround) {
  const auto out = OpTester("TensorScatter", 24)
                       .Input(Tensor::Of<float>({1, 3, 1}, {1.0f, 2.0f, 3.0f}))
                       .Input(Tensor::Of<float>({1, 2, 1}, {8.0f, 9.0f}))
                       .Input(Tensor::Of<int64_t>({1}, {2}))
                       .Attr("mode", std::string("circular"))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 3, 1}, {9.0f, 2.0f, 8.0f}));
}

TEST(TensorScatter, RefusesPlacesOutside) {
  EXPECT_FALSE(OpTester("TensorScatter", 24)
                   .Input(Tensor::Of<float>({1, 3, 1}, {1.0f, 2.0f, 3.0f}))
                   .Input(Tensor::Of<float>({1, 2, 1}, {8.0f, 9.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {2}))
                   .Run()
                   .ok());
  EXPECT_FALSE(OpTester("TensorScatter", 24)
                   .Input(Tensor::Of<float>({1, 3, 1}, {1.0f, 2.0f, 3.0f}))
                   .Input(Tensor::Of<float>({1, 2, 1}, {8.0f, 9.0f}))
                   .Input(Tensor::Of<int64_t>({1}, {INT64_MIN}))
                   .Run()
                   .ok());
}

}  // namespace
}  // namespace samoyed::testing
