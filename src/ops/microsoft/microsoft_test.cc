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

Result<std::vector<Value>> RunGroupQuery(int32_t last, int32_t total, int64_t heads, int64_t window, Shape past) {
  return Microsoft("GroupQueryAttention")
      .Input(Zeros(DType::kFloat, {1, 1, 4}))
      .Input(Zeros(DType::kFloat, {1, 1, 2}))
      .Input(Zeros(DType::kFloat, {1, 1, 2}))
      .Input(Zeros(DType::kFloat, past))
      .Input(Zeros(DType::kFloat, past))
      .Input(Tensor::Of<int32_t>({1}, {last}))
      .Input(Tensor::Of<int32_t>({}, {total}))
      .Attr("num_heads", heads)
      .Attr("kv_num_heads", heads / 2)
      .Attr("local_window_size", window)
      .Outputs(3)
      .Run();
}

TEST(GroupQueryAttention, LengthsMustFitTheCache) {
  EXPECT_TRUE(RunGroupQuery(3, 4, 2, -1, {1, 1, 3, 2}).ok());
  EXPECT_TRUE(RunGroupQuery(3, 4, 2, 2, {1, 1, 8, 2}).ok());
  EXPECT_FALSE(RunGroupQuery(4, 4, 2, -1, {1, 1, 3, 2}).ok());
  EXPECT_FALSE(RunGroupQuery(-1, 4, 2, -1, {1, 1, 3, 2}).ok());
  EXPECT_FALSE(RunGroupQuery(3, 2147483647, 2, -1, {1, 1, 3, 2}).ok());
  EXPECT_FALSE(RunGroupQuery(3, 4, 2, -1, {1, 1, 2, 2}).ok());
  EXPECT_FALSE(RunGroupQuery(3, 4, 2, -1, {1, 2, 3, 2}).ok());
  EXPECT_FALSE(RunGroupQuery(3, 4, 0, -1, {1, 1, 3, 2}).ok());
  EXPECT_FALSE(RunGroupQuery(3, 4, -2, -1, {1, 1, 3, 2}).ok());
  EXPECT_FALSE(RunGroupQuery(3, 4, INT64_MAX, -1, {1, 1, 3, 2}).ok());
}

TEST(MultiHeadAttention, AMaskedKeyHasNoSay) {
  const auto out = Microsoft("MultiHeadAttention")
                       .Input(Zeros(DType::kFloat, {1, 1, 2}))
                       .Input(Zeros(DType::kFloat, {1, 2, 2}))
                       .Input(Tensor::Of<float>({1, 2, 2}, {1, 2, 30, 40}))
                       .NoInput()
                       .Input(Tensor::Of<int32_t>({1, 2}, {1, 0}))
                       .Attr("num_heads", int64_t{1})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({1, 1, 2}, {1, 2}));
  const auto bad = [](Shape mask) {
    return !Microsoft("MultiHeadAttention")
                .Input(Zeros(DType::kFloat, {1, 1, 2}))
                .Input(Zeros(DType::kFloat, {1, 2, 2}))
                .Input(Zeros(DType::kFloat, {1, 2, 2}))
                .NoInput()
                .Input(Zeros(DType::kInt32, std::move(mask)))
                .Attr("num_heads", int64_t{1})
                .Run()
                .ok();
  };
  EXPECT_TRUE(bad({3}));
  EXPECT_TRUE(bad({1, 3}));
  EXPECT_TRUE(bad({1, 2, 2}));
}

TEST(RotaryEmbedding, PlacesMustBeInTheTables) {
  const auto run = [](Tensor places) {
    return Microsoft("RotaryEmbedding")
        .Input(Zeros(DType::kFloat, {1, 2, 4}))
        .Input(std::move(places))
        .Input(Zeros(DType::kFloat, {3, 2}))
        .Input(Zeros(DType::kFloat, {3, 2}))
        .Run();
  };
  EXPECT_TRUE(run(Tensor::Of<int64_t>({1}, {1})).ok());
  EXPECT_FALSE(run(Tensor::Of<int64_t>({1}, {2})).ok());
  EXPECT_FALSE(run(Tensor::Of<int64_t>({1}, {INT64_MAX})).ok());
  EXPECT_FALSE(run(Tensor::Of<int64_t>({1, 2}, {0, -1})).ok());
  EXPECT_FALSE(run(Tensor::Of<int64_t>({1, 3}, {0, 1, 2})).ok());
}

TEST(EmbedLayerNormalization, IdsMustBeInTheTables) {
  const auto run = [](int32_t id) {
    return Microsoft("EmbedLayerNormalization")
        .Input(Tensor::Of<int32_t>({1, 1}, {id}))
        .NoInput()
        .Input(Zeros(DType::kFloat, {3, 2}))
        .Input(Zeros(DType::kFloat, {1, 2}))
        .NoInput()
        .Input(Zeros(DType::kFloat, {2}))
        .Input(Zeros(DType::kFloat, {2}))
        .Outputs(2)
        .Run();
  };
  EXPECT_TRUE(run(2).ok());
  EXPECT_FALSE(run(3).ok());
  EXPECT_FALSE(run(-1).ok());
}

Result<std::vector<Value>> RunTokenizer(std::vector<std::string> texts, std::string name, AttributeValue value, int64_t mark) {
  const auto n = static_cast<int64_t>(texts.size());
  return Microsoft("Tokenizer")
      .Input(Tensor::OfStrings({n}, std::move(texts)))
      .Attr(std::move(name), std::move(value))
      .Attr("mark", mark)
      .Attr("pad_value", std::string("#"))
      .Attr("mincharnum", int64_t{1})
      .Run();
}

TEST(Tokenizer, TakesTheLongestOfTheLeftmostMatches) {
  const auto out = RunTokenizer({"xabc é", ""}, "tokenexp", std::string("a|abc|é"), 0);
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::OfStrings({2, 2}, {"abc", "é", "#", "#"}));
  const auto marked = RunTokenizer({"a b", "c"}, "separators", std::vector<std::string>{" "}, 1);
  ASSERT_TRUE(marked.ok()) << marked.status().ToString();
  ExpectTensorNear((*marked)[0].tensor(), Tensor::OfStrings({2, 4}, {"\x02", "a", "b", "\x03", "\x02", "c", "\x03", "#"}));
  EXPECT_FALSE(RunTokenizer({"a"}, "tokenexp", std::string("("), 0).ok());
  EXPECT_FALSE(RunTokenizer({"a"}, "tokenexp", std::string(), 0).ok());
}

TEST(QLinearReduceMean, AveragesRealValues) {
  const auto out = Microsoft("QLinearReduceMean")
                       .Input(Tensor::Of<uint8_t>({2, 2}, {10, 14, 20, 30}))
                       .Input(Tensor::Scalar<float>(0.5f))
                       .Input(Tensor::Scalar<uint8_t>(10))
                       .Input(Tensor::Scalar<float>(0.25f))
                       .Input(Tensor::Scalar<uint8_t>(1))
                       .Attr("axes", std::vector<int64_t>{1})
                       .Attr("keepdims", int64_t{0})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<uint8_t>({2}, {5, 31}));
}

Result<std::vector<Value>> RunLstm(Shape x, Shape r, int32_t length, int64_t hidden) {
  const auto scale = [] { return Tensor::Of<float>({1}, {0.5f}); };
  return Microsoft("DynamicQuantizeLSTM")
      .Input(Zeros(DType::kFloat, x))
      .Input(Zeros(DType::kInt8, {1, x.back(), r.back()}))
      .Input(Zeros(DType::kInt8, r))
      .NoInput()
      .Input(Tensor::Of<int32_t>({1}, {length}))
      .NoInput()
      .NoInput()
      .NoInput()
      .Input(scale())
      .Input(Zeros(DType::kInt8, {1}))
      .Input(scale())
      .Input(Zeros(DType::kInt8, {1}))
      .Attr("hidden_size", hidden)
      .Outputs(3)
      .Run();
}

TEST(DynamicQuantizeLSTM, SizesMustFit) {
  EXPECT_TRUE(RunLstm({2, 1, 3}, {1, 2, 8}, 2, 2).ok());
  EXPECT_FALSE(RunLstm({2, 1, 3}, {1, 2, 8}, 3, 2).ok());
  EXPECT_FALSE(RunLstm({2, 1, 3}, {1, 2, 8}, -1, 2).ok());
  EXPECT_FALSE(RunLstm({2, 1, 3}, {1, 2, 8}, 2, 3).ok());
  EXPECT_FALSE(RunLstm({2, 1, 3}, {1, 2, 7}, 2, 2).ok());
  EXPECT_FALSE(RunLstm({2, 2, 3}, {1, 2, 8}, 2, 2).ok());
  EXPECT_FALSE(RunLstm({int64_t{1} << 40, int64_t{1} << 40, 0}, {1, 2, 8}, 2, 2).ok());
}

Result<std::vector<Value>> RunGatherBlocks(Shape data, Shape scales, Shape zeros, int64_t block) {
  return Microsoft("GatherBlockQuantized")
      .Input(Zeros(DType::kUint8, std::move(data)))
      .Input(Tensor::Of<int64_t>({3}, {0, -1, 9}))
      .Input(Zeros(DType::kFloat, std::move(scales)))
      .Input(Zeros(DType::kUint8, std::move(zeros)))
      .Attr("block_size", block)
      .Run();
}

TEST(GatherBlockQuantized, SizesMustFit) {
  EXPECT_TRUE(RunGatherBlocks({2, 12}, {2, 2}, {2, 1}, 16).ok());
  EXPECT_FALSE(RunGatherBlocks({2, 12}, {2, 1}, {2, 1}, 16).ok());
  EXPECT_FALSE(RunGatherBlocks({2, 12}, {2, 2}, {2, 2}, 16).ok());
  EXPECT_FALSE(RunGatherBlocks({2, 12}, {2, 2}, {2, 1}, 17).ok());
  EXPECT_FALSE(RunGatherBlocks({12}, {2}, {1}, 16).ok());
}

TEST(SkipLayerNormalization, RowsOfNoElements) {
  const auto out = Microsoft("SkipLayerNormalization")
                       .Input(Zeros(DType::kFloat, {2, 1, 0}))
                       .Input(Zeros(DType::kFloat, {2, 1, 0}))
                       .Input(Zeros(DType::kFloat, {0}))
                       .Outputs(4)
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({2, 1, 1}, {0, 0}));
  const auto simplified =
      OpTester("SimplifiedLayerNormalization", 13).Input(Zeros(DType::kFloat, {2, 0})).Input(Zeros(DType::kFloat, {0})).Outputs(2).Run();
  ASSERT_TRUE(simplified.ok()) << simplified.status().ToString();
  ExpectTensorNear((*simplified)[1].tensor(), Tensor::Of<float>({2, 1}, {0, 0}));
}

}  // namespace
}  // namespace samoyed
