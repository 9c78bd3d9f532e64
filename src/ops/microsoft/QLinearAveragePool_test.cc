#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(QLinearAveragePool, AveragesRealValues) {
  const auto out = OpTester("QLinearAveragePool", 1, "com.microsoft")
                       .Input(Tensor::Of<uint8_t>({1, 1, 2, 2}, {10, 12, 14, 16}))
                       .Input(Tensor::Scalar<float>(0.5f))
                       .Input(Tensor::Scalar<uint8_t>(10))
                       .Input(Tensor::Scalar<float>(0.25f))
                       .Input(Tensor::Scalar<uint8_t>(3))
                       .Attr("kernel_shape", std::vector<int64_t>{2, 2})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<uint8_t>({1, 1, 1, 1}, {9}));  // (0 + 1 + 2 + 3) / 4 / 0.25 + 3
}

TEST(QLinearAdd, BroadcastsAndSaturates) {
  const auto out = OpTester("QLinearAdd", 1, "com.microsoft")
                       .Input(Tensor::Of<int8_t>({2}, {100, -100}))
                       .Input(Tensor::Scalar<float>(1))
                       .Input(Tensor::Scalar<int8_t>(0))
                       .Input(Tensor::Of<int8_t>({1}, {50}))
                       .Input(Tensor::Scalar<float>(2))
                       .NoInput()
                       .Input(Tensor::Scalar<float>(1))
                       .Input(Tensor::Scalar<int8_t>(0))
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int8_t>({2}, {127, 0}));
}

}  // namespace
}  // namespace samoyed::testing
