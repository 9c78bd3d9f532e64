#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

OpTester Norm(int opset, const Shape& shape) {
  OpTester t("BatchNormalization", opset);
  const Tensor ones = Tensor::Of<float>(shape, {1, 1}), zeros = Tensor::Of<float>(shape, {0, 0});
  t.Attr("epsilon", 0.0f).Input(Tensor::Of<float>({2, 1, 2}, {1, 10, 3, 30})).Input(ones).Input(zeros).Input(zeros).Input(ones);
  return t;
}

TEST(BatchNormalization, OldFormsNormaliseEveryPlace) {
  for (const Shape& shape : {Shape{1, 2}, Shape{2}}) {
    const auto out = Norm(7, shape).Attr("spatial", int64_t{0}).Run();
    ASSERT_TRUE(out.ok()) << out.status().ToString();
    ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 1, 2}, {1, 10, 3, 30}));
    const auto trained = Norm(7, shape).Attr("spatial", int64_t{0}).Attr("momentum", 0.5f).Outputs(5).Run();
    ASSERT_TRUE(trained.ok()) << trained.status().ToString();
    ExpectTensorNear((*trained)[0].tensor(), Tensor::Of<float>({2, 1, 2}, {-1, -1, 1, 1}));
    ExpectTensorNear((*trained)[1].tensor(), Tensor::Of<float>(shape, {1, 10}));
    ExpectTensorNear((*trained)[2].tensor(), Tensor::Of<float>(shape, {1, 50.5f}));
    ExpectTensorNear((*trained)[3].tensor(), Tensor::Of<float>(shape, {2, 20}));
    ExpectTensorNear((*trained)[4].tensor(), Tensor::Of<float>(shape, {1, 100}));
  }
  EXPECT_FALSE(Norm(7, Shape{2}).Run().ok());  // one channel, two parameters
}

TEST(BatchNormalization, VersionsOneAndSixTrainUnlessTheyTest) {
  for (const int opset : {1, 6}) {
    OpTester t = Norm(opset, Shape{1, 2});
    if (opset == 1) t.Attr("consumed_inputs", std::vector<int64_t>{0, 0, 0, 1, 1});
    const auto out = t.Attr("spatial", int64_t{0}).Attr("is_test", int64_t{1}).Run();
    ASSERT_TRUE(out.ok()) << out.status().ToString();
    ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 1, 2}, {1, 10, 3, 30}));
  }
}

}  // namespace
}  // namespace samoyed::testing
