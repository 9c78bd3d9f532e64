#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

OpTester Nll(std::string reduction) {
  OpTester t("NegativeLogLikelihoodLoss", 22);
  t.Attr("reduction", std::move(reduction));
  return t;
}

const Tensor kScores = Tensor::Of<float>({2, 3}, {-1, -2, -3, -4, -5, -6});

TEST(NegativeLogLikelihoodLoss, ReducesWithWeightsAndIgnoredTargets) {
  const Tensor targets = Tensor::Of<int64_t>({2}, {2, 0}), weights = Tensor::Of<float>({3}, {0.5f, 1, 2});
  const auto none = Nll("none").Input(kScores).Input(targets).Input(weights).Run();
  ASSERT_TRUE(none.ok()) << none.status().ToString();
  ExpectTensorNear((*none)[0].tensor(), Tensor::Of<float>({2}, {6, 2}));
  const auto mean = Nll("mean").Input(kScores).Input(targets).Input(weights).Run();
  ASSERT_TRUE(mean.ok()) << mean.status().ToString();
  ExpectTensorNear((*mean)[0].tensor(), Tensor::Scalar<float>(8 / 2.5f));
  const auto ignored = Nll("mean").Attr("ignore_index", int64_t{-7}).Input(kScores).Input(Tensor::Of<int32_t>({2}, {-7, 1})).Run();
  ASSERT_TRUE(ignored.ok()) << ignored.status().ToString();
  ExpectTensorNear((*ignored)[0].tensor(), Tensor::Scalar<float>(5));
  const auto nothing = Nll("mean").Attr("ignore_index", int64_t{1}).Input(kScores).Input(Tensor::Of<int64_t>({2}, {1, 1})).Run();
  ASSERT_TRUE(nothing.ok()) << nothing.status().ToString();
  EXPECT_TRUE(std::isnan((*nothing)[0].tensor().data<float>()[0]));
}

TEST(NegativeLogLikelihoodLoss, RefusesTargetsAndShapesThatDoNotFit) {
  for (const int64_t target : {int64_t{3}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    EXPECT_FALSE(Nll("sum").Input(kScores).Input(Tensor::Of<int64_t>({2}, {0, target})).Run().ok());
  }
  EXPECT_FALSE(Nll("sum").Input(kScores).Input(Tensor::Of<int64_t>({3}, {0, 0, 0})).Run().ok());
  EXPECT_FALSE(Nll("sum").Input(kScores).Input(Tensor::Of<int64_t>({2}, {0, 0})).Input(Tensor::Of<float>({2}, {1, 1})).Run().ok());
  EXPECT_FALSE(Nll("other").Input(kScores).Input(Tensor::Of<int64_t>({2}, {0, 0})).Run().ok());
  EXPECT_FALSE(Nll("sum").Input(Tensor::Scalar<float>(1)).Input(Tensor::Scalar<int64_t>(0)).Run().ok());
}

TEST(NegativeLogLikelihoodLoss, ShapesMayBeSymbolic) {
  const Dim n = Dim::Symbol("n");
  const auto types = Nll("none").InferTypes({Type::TensorOf(DType::kFloat, Dims{n, 3, 4}), Type::TensorOf(DType::kInt64, Dims{Dim(), 4})});
  ASSERT_TRUE(types.ok()) << types.status().ToString();
  EXPECT_EQ((*types)[0].ToString(), Type::TensorOf(DType::kFloat, Dims{n, 4}).ToString());
  EXPECT_FALSE(Nll("none").InferTypes({Type::TensorOf(DType::kFloat, Dims{n, 3, 4}), Type::TensorOf(DType::kInt64, Dims{n, 5})}).ok());
}

TEST(SoftmaxCrossEntropyLoss, IsTheLossOfALogSoftmax) {
  const auto out = OpTester("SoftmaxCrossEntropyLoss", 13)
                       .Attr("reduction", std::string("none"))
                       .Input(Tensor::Of<double>({1, 2, 2}, {1000, 0, 1000, 1}))
                       .Input(Tensor::Of<int64_t>({1, 2}, {0, 1}))
                       .Outputs(2)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  const double a = std::log(2.0), b = std::log1p(std::exp(-1.0));
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<double>({1, 2}, {a, b}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<double>({1, 2, 2}, {-a, -b - 1, -a, -b}));
}

}  // namespace
}  // namespace samoyed::testing
