#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed::testing {
namespace {

TEST(DFT, ComesBackForAnyLength) {
  for (const int64_t length : {1, 2, 5, 8, 12, 17}) {
    std::vector<float> signal;
    for (int64_t i = 0; i < 2 * length; ++i) signal.push_back(static_cast<float>(i * i % 7) - 3);
    const Tensor in = Tensor::Of<float>({1, length, 2}, signal);
    const auto there = OpTester("DFT", 20).Input(in).Run();
    ASSERT_TRUE(there.ok()) << there.status().ToString();
    const auto back = OpTester("DFT", 20).Input((*there)[0]).Attr("inverse", int64_t{1}).Run();
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    ExpectTensorNear((*back)[0].tensor(), in, 1e-5, 1e-5);
  }
}

TEST(DFT, AnUnknownAxisLeavesTheShapeWhereNothingIsCut) {
  const Type signal = Type::TensorOf(DType::kFloat, {Dim::Symbol("n"), 10, 1}), axis = Type::TensorOf(DType::kInt64, Dims{});
  const auto whole = OpTester("DFT", 20).InferTypes({signal, Type(), axis});
  ASSERT_TRUE(whole.ok()) << whole.status().ToString();
  EXPECT_EQ((*whole)[0].ToString(), "tensor(float)[\"n\",10,2]");
  const auto half = OpTester("DFT", 20).Attr("onesided", int64_t{1}).InferTypes({signal, Type(), axis});
  ASSERT_TRUE(half.ok()) << half.status().ToString();
  EXPECT_EQ((*half)[0].ToString(), "tensor(float)[?,?,2]");
}

TEST(DFT, RefusesBadArguments) {
  EXPECT_FALSE(OpTester("DFT", 20).Input(Tensor::Of<float>({1, 2, 3}, {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f})).Run().ok());
  EXPECT_FALSE(OpTester("DFT", 20).Input(Tensor::Of<float>({1, 2, 1}, {1.0f, 2.0f})).Input(Tensor::Of<int64_t>({}, {-1})).Run().ok());
  EXPECT_FALSE(
      OpTester("DFT", 20).Input(Tensor::Of<float>({1, 2, 1}, {1.0f, 2.0f})).Input(Tensor::Of<int64_t>({}, {INT64_MAX})).Run().ok());
  EXPECT_FALSE(
      OpTester("DFT", 20).Input(Tensor::Of<float>({1, 2, 1}, {1.0f, 2.0f})).NoInput().Input(Tensor::Of<int64_t>({}, {2})).Run().ok());
}

}  // namespace
}  // namespace samoyed::testing
