#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

// One batch entry, heads of one number: state and products are plain numbers.
OpTester Linear(std::string rule, std::vector<float> q, std::vector<float> k, std::vector<float> v) {
  const auto of = [](const std::vector<float>& x) {
    return Tensor::Of<float>({1, static_cast<int64_t>(x.size()), 1}, std::span<const float>(x));
  };
  OpTester t("LinearAttention", 27);
  t.Input(of(q)).Input(of(k)).Input(of(v)).Outputs(2);
  t.Attr("q_num_heads", int64_t{1}).Attr("kv_num_heads", int64_t{1}).Attr("update_rule", std::move(rule));
  return t;
}

TEST(LinearAttention, SumsKeysTimesValues) {
  const auto out = Linear("linear", {1, 2}, {3, 1}, {2, 5}).Input(Tensor::Of<double>({}, {0})).Run();
  EXPECT_FALSE(out.ok());  // a state of another shape
  const auto fine = Linear("linear", {1, 2}, {3, 1}, {2, 5}).Input(Tensor::Of<float>({1, 1, 1, 1}, {10})).Run();
  ASSERT_TRUE(fine.ok()) << fine.status().ToString();
  ExpectTensorNear((*fine)[0].tensor(), Tensor::Of<float>({1, 2, 1}, {16, 42}));
  ExpectTensorNear((*fine)[1].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {21}));
}

TEST(LinearAttention, DecaysAndCorrects) {
  const float half = -0.693147181f;  // log(1/2)
  const auto out = Linear("gated_delta", {1}, {2}, {9})
                       .Input(Tensor::Of<float>({1, 1, 1, 1}, {4}))
                       .Input(Tensor::Of<float>({1, 1, 1}, {half}))
                       .Input(Tensor::Of<float>({1, 1, 1}, {0.5f}))
                       .Attr("scale", 10.0f)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  // The state fades to 2, holds 4 for the key, and takes in 2 * (9 - 4) / 2.
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {7}));
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1}, {70}));
}

TEST(LinearAttention, QueryHeadsShareAState) {
  const auto out = OpTester("LinearAttention", 27)
                       .Input(Tensor::Of<float>({1, 1, 2}, {1, 3}))
                       .Input(Tensor::Of<float>({1, 1, 1}, {2}))
                       .Input(Tensor::Of<float>({1, 1, 1}, {5}))
                       .Attr("q_num_heads", int64_t{2})
                       .Attr("kv_num_heads", int64_t{1})
                       .Attr("update_rule", std::string("linear"))
                       .Outputs(2)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 2}, {10, 30}));
}

TEST(LinearAttention, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(Linear("square", {1}, {1}, {1}).Run().ok());
  EXPECT_FALSE(Linear("gated", {1}, {1}, {1}).Run().ok());  // no decay
  EXPECT_FALSE(Linear("linear", {1}, {1}, {1}).NoInput().Input(Tensor::Of<float>({1, 1, 1}, {1})).Run().ok());
  EXPECT_FALSE(Linear("gated", {1}, {1}, {1}).NoInput().Input(Tensor::Of<float>({1, 2, 1}, {1, 1})).Run().ok());
  EXPECT_FALSE(Linear("linear", {1, 1}, {1}, {1}).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
