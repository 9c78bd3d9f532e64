#include "ops/common/epilogue.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::ops {
namespace {

TEST(Epilogue, ActivationsAtKnownPoints) {
  EXPECT_EQ(Activate(Activation::kRelu, 0, 0, -2), 0);
  EXPECT_TRUE(std::isnan(Activate(Activation::kRelu, 0, 0, NAN)));
  EXPECT_EQ(Activate(Activation::kClip, 0, 6, 7), 6);
  EXPECT_EQ(Activate(Activation::kClip, -1, 6, -7), -1);
  EXPECT_EQ(Activate(Activation::kLeakyRelu, 0.5f, 0, -2), -1);
  EXPECT_EQ(Activate(Activation::kHardSwish, 0, 0, 3), 3);
  EXPECT_EQ(Activate(Activation::kHardSwish, 0, 0, -3), 0);
  EXPECT_EQ(Activate(Activation::kHardSigmoid, 0.25f, 0.5f, 1), 0.75);
  EXPECT_NEAR(Activate(Activation::kSilu, 0, 0, 1), 0.731058578630005, 1e-14);
  EXPECT_NEAR(Activate(Activation::kGelu, 0, 0, 1), 0.841344746068543, 1e-14);
  EXPECT_NEAR(Activate(Activation::kGeluTanh, 0, 0, 1), 0.841191990608303, 1e-12);
  EXPECT_NEAR(Activate(Activation::kSoftplus, 0, 0, 1000), 1000, 1e-9);
  EXPECT_NEAR(Activate(Activation::kMish, 0, 0, 1), 0.865098388, 1e-8);
  EXPECT_NEAR(Activate(Activation::kElu, 2, 0, -1), 2 * (std::exp(-1) - 1), 1e-14);
}

TEST(Epilogue, AddsTheResidualFirst) {
  Tensor y = Tensor::Of<float>({3}, {-3.f, 1.f, 2.f});
  const Tensor residual = Tensor::Of<float>({3}, {1.f, -2.f, 1.f});
  ASSERT_TRUE(ApplyEpilogue(y, Activation::kRelu, 0, 0, &residual).ok());
  testing::ExpectTensorNear(y, Tensor::Of<float>({3}, {0.f, 0.f, 3.f}));
}

TEST(Epilogue, RefusesAResidualOfAnotherShape) {
  Tensor y = Tensor::Of<float>({3}, {-3.f, 1.f, 2.f});
  const Tensor residual = Tensor::Of<float>({1}, {1.f});
  EXPECT_EQ(ApplyEpilogue(y, Activation::kNone, 0, 0, &residual).code(), Code::kBadInput);
}

}  // namespace
}  // namespace samoyed::ops
