#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(Relu, ClampsNegativesAndKeepsNan) {
  const auto out = OpTester("Relu", 14).Input(Tensor::Of<float>({4}, {-1.5f, 0.f, 2.f, NAN})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({4}, {0.f, 0.f, 2.f, NAN}));
}

TEST(Relu, TakesSignedIntegersFromVersion14) {
  const auto out = OpTester("Relu", 14).Input(Tensor::Of<int8_t>({2}, {-3, 3})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int8_t>({2}, {0, 3}));
}

}  // namespace
}  // namespace samoyed::testing
