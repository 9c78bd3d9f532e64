#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

// One batch entry, one head, queries and keys of one number: with scale 1 the scores are q * k.
OpTester OneHead(int opset, std::vector<float> q, std::vector<float> k, std::vector<float> v) {
  const auto of = [](const std::vector<float>& x) {
    return Tensor::Of<float>({1, 1, static_cast<int64_t>(x.size()), 1}, std::span<const float>(x));
  };
  OpTester t("Attention", opset);
  t.Input(of(q)).Input(of(k)).Input(of(v)).Attr("scale", 1.0f);
  return t;
}

TEST(Attention, WeighsValuesBySoftmaxOfScores) {
  const float log3 = std::log(3.0f);
  const auto out = OneHead(23, {1}, {0, log3}, {4, 8}).Outputs(4).Attr("qk_matmul_output_mode", int64_t{3}).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {7}), 1e-6);  // 1/4 of 4, 3/4 of 8
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({1, 1, 2, 1}, {0, log3}));
  ExpectTensorNear((*out)[3].tensor(), Tensor::Of<float>({1, 1, 1, 2}, {0.25f, 0.75f}), 1e-6);
}

TEST(Attention, CausalSeesThePastAndNothingAfterItself) {
  const auto out = OneHead(23, {0, 0}, {0, 0}, {2, 5})
                       .NoInput()
                       .Input(Tensor::Of<float>({1, 1, 1, 1}, {0}))
                       .Input(Tensor::Of<float>({1, 1, 1, 1}, {8}))
                       .Attr("is_causal", int64_t{1})
                       .Outputs(3)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 2, 1}, {5, 5}), 1e-6);  // means of 8, 2 and of 8, 2, 5
  ExpectTensorNear((*out)[2].tensor(), Tensor::Of<float>({1, 1, 3, 1}, {8, 2, 5}));
}

TEST(Attention, PaddingMayHoldAnythingAndRowsWithoutKeysAreZero) {
  // One valid key and two queries: the first stands before the key.
  const auto out = OneHead(24, {0, 0}, {0, NAN}, {3, NAN})
                       .NoInput()
                       .NoInput()
                       .NoInput()
                       .Input(Tensor::Of<int64_t>({1}, {1}))
                       .Attr("is_causal", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 2, 1}, {0, 3}));
}

TEST(Attention, MasksBroadcastAndShortOnesLeaveOutTheRest) {
  const auto added = OneHead(24, {0}, {0, 0, 0}, {1, 2, 4}).Input(Tensor::Of<float>({2}, {0, -kInf})).Run();
  ASSERT_TRUE(added.ok()) << added.status().ToString();
  ExpectTensorNear((*added)[0].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {1}));
  const auto flags = OneHead(24, {0}, {0, 0, 0}, {1, 2, 4}).Input(Tensor::Of<bool>({1, 3}, {false, true, true})).Run();
  ASSERT_TRUE(flags.ok()) << flags.status().ToString();
  ExpectTensorNear((*flags)[0].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {3}));
  // One column: before version 24 for all keys, since then for the first.
  const Tensor column = Tensor::Of<bool>({1, 1}, {true});
  ExpectTensorNear((*OneHead(23, {0}, {0, 0, 0}, {1, 2, 6}).Input(column).Run())[0].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {3}), 1e-6);
  ExpectTensorNear((*OneHead(24, {0}, {0, 0, 0}, {1, 2, 6}).Input(column).Run())[0].tensor(), Tensor::Of<float>({1, 1, 1, 1}, {1}));
  EXPECT_FALSE(OneHead(24, {0}, {0, 0}, {1, 2}).Input(Tensor::Of<float>({3}, {0, 0, 0})).Run().ok());
  EXPECT_FALSE(OneHead(24, {0, 0, 0}, {0, 0}, {1, 2}).Input(Tensor::Of<float>({2, 2}, {0, 0, 0, 0})).Run().ok());
}

TEST(Attention, WindowsBoundBothSides) {
  const auto out = OneHead(25, {0, 0, 0, 0}, {0, 0, 0, 0}, {1, 2, 4, 8})
                       .Attr("left_window_size", int64_t{1})
                       .Attr("right_window_size", int64_t{0})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 4, 1}, {1, 1.5f, 3, 6}), 1e-6);
}

TEST(Attention, GroupsOfQueryHeadsShareKeys) {
  // Rank 3: two query heads, one key head.
  const auto out = OpTester("Attention", 23)
                       .Input(Tensor::Of<float>({1, 1, 2}, {1, -1}))
                       .Input(Tensor::Of<float>({1, 2, 1}, {0, 100}))
                       .Input(Tensor::Of<float>({1, 2, 1}, {3, 5}))
                       .Attr("q_num_heads", int64_t{2})
                       .Attr("kv_num_heads", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 2}, {5, 3}), 1e-6);
}

TEST(Attention, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(OneHead(23, {0}, {0, 0}, {1}).Run().ok());
  EXPECT_FALSE(OneHead(23, {0}, {0}, {1}).Attr("qk_matmul_output_mode", int64_t{4}).Run().ok());
  EXPECT_FALSE(OneHead(23, {0}, {0}, {1}).Attr("softmax_precision", int64_t{7}).Run().ok());
  EXPECT_FALSE(OneHead(23, {0}, {0}, {1}).Attr("softmax_precision", int64_t{1} << 40).Run().ok());
  EXPECT_FALSE(OneHead(25, {0}, {0}, {1}).Attr("left_window_size", int64_t{-2}).Run().ok());
  EXPECT_FALSE(OneHead(23, {0}, {0}, {1}).NoInput().Input(Tensor::Of<float>({1, 1, 1, 1}, {0})).Run().ok());
  EXPECT_FALSE(OneHead(24, {0}, {0}, {1}).NoInput().NoInput().NoInput().Input(Tensor::Of<int64_t>({1}, {2})).Run().ok());
  EXPECT_FALSE(OneHead(24, {0}, {0}, {1}).NoInput().NoInput().NoInput().Input(Tensor::Of<int64_t>({2}, {1, 1})).Run().ok());
  const Tensor place = Tensor::Of<float>({1, 1, 1, 1}, {0}), places = Tensor::Of<float>({1, 1, 2, 1}, {0, 0});
  EXPECT_FALSE(OneHead(23, {0}, {0}, {1}).NoInput().Input(places).Input(place).Run().ok());
  EXPECT_FALSE(OneHead(23, {0}, {0}, {1}).NoInput().Input(place).Input(places).Run().ok());
  const Tensor row = Tensor::Of<float>({1, 1, 2}, {0, 0});
  EXPECT_FALSE(OpTester("Attention", 23).Input(row).Input(row).Input(row).Run().ok());
  EXPECT_FALSE(OpTester("Attention", 23)
                   .Input(row)
                   .Input(row)
                   .Input(row)
                   .Attr("q_num_heads", int64_t{3})
                   .Attr("kv_num_heads", int64_t{1})
                   .Run()
                   .ok());
}

TEST(Attention, SizesThatOverflowAreRefused) {
  const Tensor huge = Tensor::Of<float>({int64_t{1} << 40, int64_t{1} << 40, 0, 1}, {});
  EXPECT_FALSE(OpTester("Attention", 23).Input(huge).Input(huge).Input(huge).Run().ok());
}

TEST(Attention, InfersSymbolicShapes) {
  const auto sym = [](const char* name) { return Dim::Symbol(name); };
  const auto types =
      OpTester("Attention", 24)
          .Attr("q_num_heads", int64_t{4})
          .Attr("kv_num_heads", int64_t{2})
          .Outputs(4)
          .InferTypes({Type::TensorOf(DType::kFloat, {sym("b"), sym("s"), 32}), Type::TensorOf(DType::kFloat, {sym("b"), sym("t"), 16}),
                       Type::TensorOf(DType::kFloat16, {sym("b"), sym("t"), 10})});
  ASSERT_TRUE(types.ok()) << types.status().ToString();
  EXPECT_EQ((*types)[0].ToString(), "tensor(float)[\"b\",\"s\",20]");
  EXPECT_EQ((*types)[1].ToString(), "tensor(float)[\"b\",2,\"t\",8]");
  EXPECT_EQ((*types)[2].ToString(), "tensor(float16)[\"b\",2,\"t\",5]");
  EXPECT_EQ((*types)[3].ToString(), "tensor(float)[\"b\",4,\"s\",\"t\"]");
}

}  // namespace
}  // namespace samoyed::testing
