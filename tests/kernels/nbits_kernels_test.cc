// Products with weights of 2, 4 and 8 bits against the reference kernel, on every instruction set level and with several threads.
#include <gtest/gtest.h>

#include <limits>

#include "kernels/check.h"

namespace samoyed::testing {
namespace {

enum class Zeros { kNone, kPacked, kFloats };

struct NBitsCase {
  int64_t k, n, bits, block;
  Zeros zeros = Zeros::kNone;
  bool bias = false;
};

// A [rows, k] of about `size`, but its first element, times random weights of about 1.
Make Product(const NBitsCase& c, int64_t rows, float size = 1, float first = 1) {
  return [=](GraphMaker& g) {
    const int64_t blocks = (c.k + c.block - 1) / c.block;
    const float scale = 2 / static_cast<float>(1 << c.bits);
    Tensor a = g.Random({rows, c.k}, -2 * size, 2 * size);
    if (rows > 0) a.mutable_data<float>()[0] = first;
    std::vector<ValueId> inputs = {g.Input(std::move(a)), g.Constant(g.RandomBytes(DType::kUint8, {c.n, blocks, c.block * c.bits / 8})),
                                   g.Constant(g.Random({c.n, blocks}, -scale, scale))};
    inputs.resize(6, kNoValue);
    if (c.zeros == Zeros::kPacked) inputs[3] = g.Constant(g.RandomBytes(DType::kUint8, {c.n, (blocks * c.bits + 7) / 8}));
    if (c.zeros == Zeros::kFloats) inputs[3] = g.Constant(g.Random({c.n, blocks}, 0, static_cast<float>(1 << c.bits)));
    if (c.bias) inputs[5] = g.Constant(g.Random({c.n}));
    g.Output(g.Op("com.microsoft:MatMulNBits", inputs, {{"K", c.k}, {"N", c.n}, {"bits", c.bits}, {"block_size", c.block}}));
  };
}

// Sums of k products of about 1, some of which cancel.
double Tolerance(int64_t k) { return 2e-6 * std::sqrt(static_cast<double>(k)) + 1e-6; }

TEST(NBits, EveryFormAndSize) {
  constexpr std::pair<int64_t, int64_t> kSizes[] = {{1, 1}, {16, 3}, {61, 37}, {128, 70}, {300, 33}, {1100, 130}};
  for (const int64_t bits : {2, 4, 8}) {
    for (const int64_t block : {16, 32, 64, 128, 256}) {
      for (const auto& [k, n] : kSizes) {
        for (const Zeros zeros : {Zeros::kNone, Zeros::kPacked, Zeros::kFloats}) {
          for (const int64_t rows : {0, 1, 3, 7, 19}) {
            SCOPED_TRACE(StrCat(bits, " bits, block ", block, ", ", rows, " x ", k, " x ", n, ", zeros ", static_cast<int>(zeros)));
            ASSERT_NO_FATAL_FAILURE(Check(Product({k, n, bits, block, zeros, rows % 2 == 1}, rows), 1e-5, 8 * Tolerance(k)));
          }
        }
      }
    }
  }
}

// Few rows and many, last blocks and last panels that are not full, zero points packed, real and left out.
TEST(NBits, SeveralProductsInAGraph) {
  for (const int64_t bits : {2, 4, 8}) {
    for (const int64_t block : {16, 32, 128}) {
      for (const int zeros : {0, 1, 2}) {
        for (const auto& [k, n] : {std::pair<int64_t, int64_t>(100, 70), {256, 32}, {33, 5}}) {
          SCOPED_TRACE(StrCat(bits, " bits, block ", block, " zeros ", zeros, " ", k, "x", n));
          const int64_t rows_k = k, columns = n;
          Check(
              [&](GraphMaker& g) {
                const int64_t blocks = (rows_k + block - 1) / block;
                const ValueId b = g.Constant(g.RandomBytes(DType::kUint8, {columns, blocks, block / 8 * bits}));
                const ValueId scales = g.Constant(g.Random({columns * blocks}, 0.01f, 0.02f));
                const ValueId zero = zeros == 0   ? kNoValue
                                     : zeros == 1 ? g.Constant(g.RandomBytes(DType::kUint8, {columns * ((blocks * bits + 7) / 8)}))
                                                  : g.Constant(g.Random({columns * blocks}, 0, 9));
                for (const int64_t rows : {1, 3, 20}) {
                  std::vector<ValueId> inputs = {g.RandomInput({rows, rows_k}), b, scales, zero};
                  if (rows != 3) inputs.insert(inputs.end(), {kNoValue, g.Weights({columns})});
                  g.Output(
                      g.Op("com.microsoft:MatMulNBits", inputs, {{"K", rows_k}, {"N", columns}, {"bits", bits}, {"block_size", block}}));
                }
              },
              2e-5, 2e-4);
        }
      }
    }
  }
}

// Rows that three digits of a block's unit cannot hold, and a block longer than sums of bytes may be.
TEST(NBits, TinyAndHugeNumbers) {
  for (const float size : {1e-31f, 1e30f}) Check(Product({64, 40, 4, 32, Zeros::kPacked}, 2, size, size), 1e-5, 1e-4 * size);
  Check(Product({20000, 16, 4, 16384, Zeros::kPacked}, 1), 1e-5, 2e-3);
}

TEST(NBits, NotANumberSpreadsOverItsRow) {
  for (const int64_t rows : {2, 20}) {
    const auto out = RunOn(Product({64, 40, 4, 32}, rows, 1, std::numeric_limits<float>::quiet_NaN()), true, 1, 22);
    ASSERT_EQ(out.size(), 1u);
    const float* y = out[0].tensor().data<float>();
    for (int64_t i = 0; i < rows * 40; ++i) ASSERT_EQ(std::isnan(y[i]), i < 40) << i;
  }
}

TEST(NBits, MoreThanTwoAxesAndOne) {
  for (const Shape& shape : {Shape({2, 3, 61}), Shape({61})}) {
    Check(
        [&](GraphMaker& g) {
          const ValueId a = g.RandomInput(shape), b = g.Constant(g.RandomBytes(DType::kUint8, {37, 2, 16}));
          g.Output(g.Op("com.microsoft:MatMulNBits", {a, b, g.Weights({37, 2})},
                        {{"K", int64_t{61}}, {"N", int64_t{37}}, {"block_size", int64_t{32}}}));
        },
        1e-5, 1e-3);
  }
}

// --- the rewrite of dequantised weights ---

// Weights of random bits of a type.
Tensor RandomNarrow(GraphMaker& g, DType dtype, const Shape& shape) {
  Tensor t = Tensor::Allocate(dtype, shape).value();
  const Tensor bytes = g.RandomBytes(DType::kUint8, {t.byte_size()});
  std::memcpy(t.mutable_raw(), bytes.raw(), static_cast<size_t>(t.byte_size()));
  return t;
}

enum class Side { kPlain, kTransposed, kGemm, kGemmTransposed };
enum class Scales { kTensor, kColumn, kBlock };

struct NarrowCase {
  DType dtype;
  Side side;
  Scales scales;
  int64_t k, block;
  bool zeros;
};

Make Dequantised(const NarrowCase& c) {
  return [=](GraphMaker& g) {
    constexpr int64_t kN = 19;
    const bool transposed = c.side == Side::kTransposed || c.side == Side::kGemmTransposed;
    const int64_t axis = c.scales == Scales::kColumn ? (transposed ? 0 : 1) : (transposed ? 1 : 0), blocks = (c.k + c.block - 1) / c.block;
    const Shape shape = transposed ? Shape({kN, c.k}) : Shape({c.k, kN});
    const Shape each = c.scales == Scales::kTensor   ? Shape()
                       : c.scales == Scales::kColumn ? Shape({kN})
                       : transposed                  ? Shape({kN, blocks})
                                                     : Shape({blocks, kN});
    std::vector<ValueId> inputs = {g.Constant(RandomNarrow(g, c.dtype, shape)), g.Constant(g.Random(each, 0.05f, 0.2f))};
    if (c.zeros) inputs.push_back(g.Constant(RandomNarrow(g, c.dtype, each)));
    ValueId w = g.Op("DequantizeLinear", inputs, {{"axis", axis}, {"block_size", c.scales == Scales::kBlock ? c.block : 0}});
    if (c.side == Side::kTransposed) w = g.Op("Transpose", {w}, {{"perm", std::vector<int64_t>{1, 0}}});
    const bool gemm = c.side == Side::kGemm || c.side == Side::kGemmTransposed;
    const ValueId a = g.RandomInput({3, c.k});
    g.Output(gemm ? g.Op("Gemm", {a, w, g.Weights({kN})}, {{"transB", static_cast<int64_t>(transposed)}}) : g.Op("MatMul", {a, w}));
  };
}

TEST(NarrowMatMul, DequantisedWeightsStayNarrow) {
  for (const DType dtype : {DType::kInt4, DType::kUint4, DType::kInt2, DType::kUint2}) {
    const int opset = dtype == DType::kInt2 || dtype == DType::kUint2 ? 25 : 22;
    for (const Side side : {Side::kPlain, Side::kTransposed, Side::kGemm, Side::kGemmTransposed}) {
      for (const Scales scales : {Scales::kTensor, Scales::kColumn, Scales::kBlock}) {
        for (const auto& [k, block] : {std::pair<int64_t, int64_t>{96, 32}, {50, 16}, {300, 48}, {1030, 512}}) {
          SCOPED_TRACE(StrCat(NameOf(dtype), " ", static_cast<int>(side), " ", static_cast<int>(scales), " ", k, "/", block));
          for (const bool zeros : {false, true}) {
            const Make make = Dequantised({dtype, side, scales, k, block, zeros});
            ASSERT_EQ(CountAfterPasses(make, "MatMulNBits", opset), 1);
            ASSERT_NO_FATAL_FAILURE(Check(make, 1e-5, 1e-4, opset));
          }
        }
      }
    }
  }
}

TEST(NarrowMatMul, LeavesBlocksThatAreTooSmall) {
  EXPECT_EQ(CountAfterPasses(Dequantised({DType::kInt4, Side::kPlain, Scales::kBlock, 96, 8, true}), "MatMulNBits"), 0);
  EXPECT_EQ(CountAfterPasses(Dequantised({DType::kInt4, Side::kPlain, Scales::kBlock, 96, 24, true}), "MatMulNBits"), 0);
}

}  // namespace
}  // namespace samoyed::testing
