#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(SwiGLU, GatesTheLinearInput) {
  const auto out =
      OpTester("SwiGLU", 28).Input(Tensor::Of<float>({3}, {0, 100, -1})).Input(Tensor::Of<float>({3}, {5, 2, 3})).Attr("alpha", 2.0f).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({3}, {0, 200, -3 * 0.119202922f}));
}

TEST(SwiGLU, DoesNotBroadcast) {
  const Tensor a = Tensor::Of<float>({2}, {1, 2}), b = Tensor::Of<float>({1}, {1});
  EXPECT_FALSE(OpTester("SwiGLU", 28).Input(a).Input(b).Run().ok());
  EXPECT_FALSE(OpTester("SwiGLU", 28).Input(a).Input(Tensor::Of<double>({2}, {1, 2})).Run().ok());
  EXPECT_FALSE(OpTester("SwiGLU", 28).Input(a).Input(b).Infer().ok());
}

TEST(SwiGLU, EachInputTellsOfTheShape) {
  const auto types =
      OpTester("SwiGLU", 28)
          .InferTypes({Type::TensorOf(DType::kFloat16, {Dim::Symbol("n"), Dim()}), Type::TensorOf(DType::kFloat16, {Dim(), Dim(4)})});
  ASSERT_TRUE(types.ok());
  EXPECT_EQ((*types)[0].ToString(), "tensor(float16)[\"n\",4]");
}

}  // namespace
}  // namespace samoyed::testing
