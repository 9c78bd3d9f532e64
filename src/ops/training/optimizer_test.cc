#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

constexpr const char* kDomain = "ai.onnx.preview.training";

OpTester Start(const char* op, int64_t t) {
  OpTester tester(op, 1, kDomain);
  tester.Input(Tensor::Scalar<float>(0.5f)).Input(Tensor::Scalar<int64_t>(t));
  return tester;
}
OpTester MomentumOf(const char* mode) {
  OpTester t = Start("Momentum", 1);
  t.Attr("alpha", 0.5f).Attr("beta", 2.0f).Attr("norm_coefficient", 1.0f).Attr("mode", std::string(mode)).Outputs(4);
  // Two tensors of different types: x, x, g, g, v, v.
  t.Input(Tensor::Of<float>({1}, {1})).Input(Tensor::Of<double>({2}, {0, 2}));
  t.Input(Tensor::Of<float>({1}, {3})).Input(Tensor::Of<double>({2}, {1, 0}));
  t.Input(Tensor::Of<float>({1}, {4})).Input(Tensor::Of<double>({2}, {0, 0}));
  return t;
}

TEST(Momentum, UpdatesEveryTensor) {
  const auto out = MomentumOf("standard").Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1}, {-4}));  // v = 0.5 * 4 + 2 * (1 + 3) = 10
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<double>({2}, {-1, 0}));
  ExpectTensorNear((*out)[2].tensor(), Tensor::Of<float>({1}, {10}));
  ExpectTensorNear((*out)[3].tensor(), Tensor::Of<double>({2}, {2, 4}));
  const auto nesterov = MomentumOf("nesterov").Run();
  ASSERT_TRUE(nesterov.ok()) << nesterov.status().ToString();
  ExpectTensorNear((*nesterov)[0].tensor(), Tensor::Of<float>({1}, {-3.5f}));
  EXPECT_FALSE(MomentumOf("other").Run().ok());
}

TEST(Adagrad, ScalesByTheGradientsSoFar) {
  const auto out = Start("Adagrad", 3)
                       .Attr("decay_factor", 1.0f)
                       .Attr("epsilon", 0.0f)
                       .Input(Tensor::Of<float>({1}, {1}))
                       .Input(Tensor::Of<float>({1}, {4}))
                       .Input(Tensor::Of<float>({1}, {9}))
                       .Outputs(2)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1}, {0.9f}));  // rate 0.5 / 4, times 4 / 5
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({1}, {25}));
}

TEST(Adam, FirstStepIsTheRate) {
  const auto out = Start("Adam", 1)
                       .Attr("epsilon", 0.0f)
                       .Input(Tensor::Of<float>({2}, {1, 1}))
                       .Input(Tensor::Of<float>({2}, {8, -0.1f}))
                       .Input(Tensor::Of<float>({2}, {0, 0}))
                       .Input(Tensor::Of<float>({2}, {0, 0}))
                       .Outputs(3)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2}, {0.5f, 1.5f}), 1e-5);
}

TEST(Optimizers, RefuseInputsThatDoNotBelongTogether) {
  const Tensor one = Tensor::Of<float>({1}, {1});
  EXPECT_FALSE(Start("Adagrad", 0).Input(one).Input(one).Outputs(2).Run().ok());
  EXPECT_FALSE(Start("Adagrad", 0).Input(one).Input(one).Input(one).Outputs(3).Run().ok());
  EXPECT_FALSE(Start("Adagrad", 0).Input(one).Input(Tensor::Of<float>({2}, {1, 1})).Input(one).Outputs(2).Run().ok());
  EXPECT_FALSE(Start("Adam", 0).Input(one).Input(one).Input(Tensor::Of<double>({1}, {1})).Input(one).Outputs(3).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
