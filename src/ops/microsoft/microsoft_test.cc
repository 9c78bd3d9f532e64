// Operators of com.microsoft on operands that do not fit (tests/interop/microsoft_operators.py compares the results that fit).
#include <gtest/gtest.h>

#include "ops/testing/op_tester.h"

namespace samoyed {
namespace {

using testing::ExpectTensorNear;
using testing::OpTester;

OpTester Microsoft(std::string_view op) { return OpTester(op, 1, "com.microsoft"); }
Tensor Zeros(DType dtype, Shape shape) {
  Tensor t = Tensor::Allocate(dtype, std::move(shape)).value();
  std::fill_n(static_cast<std::byte*>(t.mutable_raw()), t.byte_size(), std::byte{0});
  return t;
}

Result<std::vector<Value>> RunNBits(int64_t k, int64_t n, int64_t bits, int64_t block, Shape b, Shape scales, Shape zeros) {
  return Microsoft("MatMulNBits")
      .Input(Zeros(DType::kFloat, {1, 16}))
      .Input(Zeros(DType::kUint8, std::move(b)))
      .Input(Zeros(DType::kFloat, std::move(scales)))
      .Input(Zeros(DType::kUint8, std::move(zeros)))
      .Attr("K", k)
      .Attr("N", n)
      .Attr("bits", bits)
      .Attr("block_size", block)
      .Run();
}

TEST(MatMulNBits, SizesMustFit) {
  EXPECT_TRUE(RunNBits(16, 2, 4, 16, {2, 1, 8}, {2}, {2, 1}).ok());
  EXPECT_TRUE(RunNBits(16, 2, 3, 16, {2, 1, 6}, {2}, {2, 1}).ok());
  EXPECT_FALSE(RunNBits(16, 2, 4, 16, {2, 1, 7}, {2}, {2, 1}).ok());
  EXPECT_FALSE(RunNBits(16, 2, 4, 16, {2, 1, 8}, {1}, {2, 1}).ok());
  EXPECT_FALSE(RunNBits(16, 2, 4, 16, {2, 1, 8}, {2}, {2, 2}).ok());
  EXPECT_FALSE(RunNBits(17, 2, 4, 16, {2, 1, 8}, {2}, {2, 1}).ok());
  EXPECT_FALSE(RunNBits(16, 2, 9, 16, {2, 1, 8}, {2}, {2, 1}).ok());
  EXPECT_FALSE(RunNBits(16, 2, 4, 24, {2, 1, 8}, {2}, {2, 1}).ok());
  EXPECT_FALSE(RunNBits(16, int64_t{1} << 62, 4, 16, {2, 1, 8}, {2}, {2, 1}).ok());
  EXPECT_FALSE(RunNBits(16, -1, 4, 16, {2, 1, 8}, {2}, {2, 1}).ok());
}

TEST(FusedMatMul, MovesTheFirstAxis) {
  const auto out = Microsoft("FusedMatMul")
                       .Input(Tensor::Of<float>({2, 1, 2}, {1, 2, 3, 4}))  // [M, batch, K]
                       .Input(Tensor::Of<float>({1, 2, 1}, {1, 10}))
                       .Attr("transBatchA", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 2, 1}, {21, 43}));
}

TEST(Inverse, NeedsSquareMatrices) {
  const auto out = Microsoft("Inverse").Input(Tensor::Of<float>({2, 2}, {0, 2, 4, 0})).Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 2}, {0, 0.25f, 0.5f, 0}));
  EXPECT_FALSE(Microsoft("Inverse").Input(Zeros(DType::kFloat, {2, 3})).Run().ok());
  EXPECT_FALSE(Microsoft("Inverse").Input(Zeros(DType::kFloat, {2})).Run().ok());
}

TEST(FusedConv, ChecksResidualAndActivation) {
  const auto run = [](Shape z, std::string activation) {
    return Microsoft("FusedConv")
        .Input(Zeros(DType::kFloat, {1, 1, 3, 3}))
        .Input(Zeros(DType::kFloat, {1, 1, 2, 2}))
        .NoInput()
        .Input(Zeros(DType::kFloat, std::move(z)))
        .Attr("activation", std::move(activation))
        .Run();
  };
  EXPECT_TRUE(run({1, 1, 2, 2}, "Relu").ok());
  EXPECT_FALSE(run({1, 1, 3, 3}, "Relu").ok());
  EXPECT_FALSE(run({1, 1, 2, 2}, "Bogus").ok());
}

}  // namespace
}  // namespace samoyed
