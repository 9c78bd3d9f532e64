// Every fast kernel against the reference kernels, on every instruction set level of the host, with one thread and with several.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/check.h"

namespace samoyed::testing {
namespace {

// --- convolution ---

struct ConvCase {
  const char* name;
  std::vector<int64_t> x, w;
  std::vector<int64_t> strides = {1, 1}, pads = {0, 0, 0, 0}, dilations = {1, 1};
  int64_t group = 1;
  const char* after = "";  // an activation that fuses
  bool bias = true, residual = false;
};

void PrintTo(const ConvCase& c, std::ostream* out) { *out << c.name; }

class ConvTest : public ::testing::TestWithParam<ConvCase> {};

TEST_P(ConvTest, EqualsTheReference) {
  const ConvCase& c = GetParam();
  double products = 1;  // that a result is the sum of
  for (size_t i = 1; i < c.w.size(); ++i) products *= static_cast<double>(c.w[i]);
  Check(
      [&](GraphMaker& g) {
        std::vector<ValueId> inputs = {g.RandomInput(Shape(c.x)), g.Weights(Shape(c.w))};
        if (c.bias) inputs.push_back(g.Weights({c.w[0]}));
        ValueId y = g.Op("Conv", inputs, {{"strides", c.strides}, {"pads", c.pads}, {"dilations", c.dilations}, {"group", c.group}});
        if (c.residual) {
          std::vector<int64_t> shape = {c.x[0], c.w[0]};
          for (size_t i = 0; i < c.strides.size(); ++i) {
            shape.push_back((c.x[i + 2] + c.pads[i] + c.pads[i + c.strides.size()] - (c.w[i + 2] - 1) * c.dilations[i] - 1) / c.strides[i] +
                            1);
          }
          y = g.Op("Add", {y, g.RandomInput(Shape(shape))});
        }
        if (*c.after != '\0') y = g.Op(c.after, {y});
        g.Output(y);
      },
      1e-4, 2e-4 * std::max(1.0, std::sqrt(products / 576)));
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ConvTest,
    ::testing::Values(
        ConvCase{.name = "pointwise", .x = {1, 24, 9, 11}, .w = {40, 24, 1, 1}},
        ConvCase{.name = "pointwise_batch_relu", .x = {3, 17, 5, 7}, .w = {33, 17, 1, 1}, .after = "Relu"},
        ConvCase{.name = "pointwise_residual_relu", .x = {1, 32, 14, 14}, .w = {64, 32, 1, 1}, .after = "Relu", .residual = true},
        ConvCase{.name = "pointwise_strided", .x = {2, 16, 15, 14}, .w = {24, 16, 1, 1}, .strides = {2, 2}},
        ConvCase{.name = "pointwise_strided_one_way", .x = {2, 16, 15, 14}, .w = {24, 16, 1, 1}, .strides = {1, 3}, .residual = true},
        ConvCase{.name = "pointwise_strided_colliding", .x = {2, 512, 9, 7}, .w = {70, 512, 1, 1}, .strides = {2, 2}, .after = "Relu"},
        ConvCase{.name = "pointwise_colliding", .x = {2, 1024, 6, 7}, .w = {300, 1024, 1, 1}, .residual = true},
        ConvCase{.name = "pointwise_many_rows", .x = {1, 64, 60, 60}, .w = {48, 64, 1, 1}},
        ConvCase{.name = "first_layer", .x = {1, 3, 37, 41}, .w = {32, 3, 3, 3}, .strides = {2, 2}, .pads = {0, 0, 1, 1}},
        ConvCase{.name = "seven", .x = {1, 3, 40, 40}, .w = {64, 3, 7, 7}, .strides = {2, 2}, .pads = {3, 3, 3, 3}, .after = "Relu"},
        ConvCase{.name = "three", .x = {1, 16, 28, 28}, .w = {32, 16, 3, 3}, .pads = {1, 1, 1, 1}, .after = "Relu"},
        ConvCase{
            .name = "three_residual", .x = {2, 32, 13, 17}, .w = {48, 32, 3, 3}, .pads = {1, 1, 1, 1}, .after = "Relu", .residual = true},
        ConvCase{.name = "three_small_map", .x = {1, 64, 7, 7}, .w = {64, 64, 3, 3}, .pads = {1, 1, 1, 1}},
        ConvCase{.name = "three_odd_channels", .x = {1, 19, 30, 29}, .w = {21, 19, 3, 3}, .pads = {1, 1, 1, 1}, .bias = false},
        ConvCase{.name = "three_strided", .x = {1, 20, 19, 23}, .w = {37, 20, 3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}},
        // Winograd's: tails in tiles and channels, uneven and wide padding, several blocks, many columns, tiny maps, batches.
        ConvCase{.name = "three_no_pads", .x = {1, 17, 31, 26}, .w = {35, 17, 3, 3}, .after = "Relu"},
        ConvCase{.name = "three_uneven_pads", .x = {2, 24, 21, 22}, .w = {40, 24, 3, 3}, .pads = {0, 2, 1, 0}, .after = "Sigmoid"},
        ConvCase{.name = "three_wide_pads", .x = {1, 20, 9, 10}, .w = {33, 20, 3, 3}, .pads = {7, 6, 5, 8}},
        ConvCase{.name = "three_many_tiles", .x = {1, 32, 67, 70}, .w = {50, 32, 3, 3}, .pads = {1, 1, 1, 1}, .residual = true},
        ConvCase{.name = "three_many_columns",
                 .x = {1, 64, 14, 14},
                 .w = {150, 64, 3, 3},
                 .pads = {1, 1, 1, 1},
                 .after = "HardSwish",
                 .residual = true},
        ConvCase{.name = "three_deep", .x = {1, 256, 14, 14}, .w = {136, 256, 3, 3}, .pads = {1, 1, 1, 1}, .after = "Relu"},
        ConvCase{.name = "three_deep_small_map", .x = {3, 200, 7, 7}, .w = {180, 200, 3, 3}, .pads = {1, 1, 1, 1}, .after = "Relu"},
        ConvCase{.name = "three_one_pixel", .x = {2, 32, 1, 1}, .w = {48, 32, 3, 3}, .pads = {1, 1, 1, 1}},
        ConvCase{.name = "three_few_channels", .x = {1, 3, 32, 33}, .w = {64, 3, 3, 3}, .pads = {1, 1, 1, 1}},
        ConvCase{.name = "three_one_channel", .x = {1, 1, 28, 28}, .w = {1, 1, 3, 3}, .pads = {1, 1, 1, 1}},
        ConvCase{.name = "five_uneven_pads", .x = {1, 8, 12, 13}, .w = {10, 8, 5, 5}, .pads = {0, 3, 2, 1}},
        ConvCase{.name = "dilated", .x = {1, 12, 18, 17}, .w = {14, 12, 3, 3}, .pads = {2, 2, 2, 2}, .dilations = {2, 2}},
        ConvCase{.name = "dilated_rows", .x = {1, 12, 18, 17}, .w = {14, 12, 3, 3}, .pads = {2, 1, 2, 1}, .dilations = {2, 1}},
        ConvCase{.name = "one_by_seven", .x = {1, 24, 17, 17}, .w = {32, 24, 1, 7}, .pads = {0, 3, 0, 3}},
        ConvCase{.name = "seven_by_one", .x = {1, 24, 17, 17}, .w = {32, 24, 7, 1}, .pads = {3, 0, 3, 0}},
        ConvCase{.name = "grouped", .x = {2, 24, 10, 10}, .w = {36, 8, 3, 3}, .pads = {1, 1, 1, 1}, .group = 3, .after = "Relu"},
        ConvCase{.name = "multiplier", .x = {1, 6, 9, 9}, .w = {12, 1, 3, 3}, .pads = {1, 1, 1, 1}, .group = 6},
        ConvCase{.name = "depthwise", .x = {2, 40, 13, 15}, .w = {40, 1, 3, 3}, .pads = {1, 1, 1, 1}, .group = 40, .after = "Relu"},
        ConvCase{
            .name = "depthwise_strided", .x = {1, 37, 14, 14}, .w = {37, 1, 3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}, .group = 37},
        ConvCase{.name = "depthwise_five",
                 .x = {1, 33, 9, 10},
                 .w = {33, 1, 5, 5},
                 .pads = {2, 2, 2, 2},
                 .group = 33,
                 .after = "HardSwish",
                 .residual = true},
        ConvCase{
            .name = "depthwise_dilated", .x = {1, 16, 20, 20}, .w = {16, 1, 3, 3}, .pads = {3, 3, 3, 3}, .dilations = {3, 3}, .group = 16},
        ConvCase{.name = "depthwise_wide_kernel", .x = {1, 16, 3, 3}, .w = {16, 1, 7, 7}, .pads = {3, 3, 3, 3}, .group = 16},
        ConvCase{.name = "sigmoid", .x = {1, 16, 6, 6}, .w = {20, 16, 1, 1}, .after = "Sigmoid"},
        ConvCase{.name = "silu", .x = {1, 16, 6, 6}, .w = {20, 16, 3, 3}, .pads = {1, 1, 1, 1}, .after = "HardSwish"},
        ConvCase{.name = "line", .x = {2, 10, 50}, .w = {12, 10, 5}, .strides = {2}, .pads = {2, 2}, .dilations = {1}, .after = "Relu"},
        ConvCase{
            .name = "line_depthwise", .x = {1, 10, 50}, .w = {10, 1, 3}, .strides = {1}, .pads = {1, 1}, .dilations = {1}, .group = 10}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(CpuConv, WindowsFarBeyondTheInputAreRefusedOrRight) {
  constexpr int64_t kFar = (int64_t{1} << 30) - 1;
  const std::vector<Attribute> far = {{"pads", std::vector<int64_t>{kFar, kFar, kFar, kFar}},
                                      {"dilations", std::vector<int64_t>{kFar, kFar}}};
  GraphMaker dense;
  dense.Output(dense.Op("Conv", {dense.RandomInput({1, 64, 1, 1}), dense.Weights({8, 64, 3, 3})}, far));
  SessionOptions options;
  options.providers = {MakeCpuProvider(), MakeReferenceProvider()};
  auto session = Session::FromGraph(dense.TakeGraph(), std::move(options));
  ASSERT_TRUE(session.ok()) << session.status().ToString();
  EXPECT_EQ((*session)->Run(dense.inputs()).status().code(), Code::kLimit);

  std::vector<Attribute> depthwise = far, pool = far;
  depthwise.push_back({"group", int64_t{8}});
  pool.push_back({"kernel_shape", std::vector<int64_t>{3, 3}});
  Check([&](GraphMaker& g) { g.Output(g.Op("Conv", {g.RandomInput({1, 8, 1, 1}), g.Weights({8, 1, 3, 3})}, depthwise)); });
  Check([&](GraphMaker& g) { g.Output(g.Op("MaxPool", {g.RandomInput({1, 8, 1, 1})}, pool)); });
}

// The kernel's name of a 3x3 convolution of `channels` to as many on a map of `side` x `side`.
std::string KernelOfThree(int64_t channels, int64_t side, bool strict_precision) {
  GraphMaker g;
  g.Output(g.Op("Conv", {g.RandomInput({1, channels, side, side}), g.Weights({channels, channels, 3, 3})},
                {{"pads", std::vector<int64_t>{1, 1, 1, 1}}}));
  SessionOptions options;
  options.strict_precision = strict_precision;
  options.providers = {MakeCpuProvider(), MakeReferenceProvider()};
  auto session = Session::FromGraph(g.TakeGraph(), std::move(options));
  EXPECT_TRUE(session.ok()) << session.status().ToString();
  return session.ok() ? std::string((*session)->placement().rows.at(0).kernel) : "";
}

TEST(CpuConv, TakesWinogradByShapeAndNotWithStrictPrecision) {
  for (CpuLevel level : HostCpuLevels()) {
    SCOPED_TRACE(NameOf(level));
    SetCpuLevelForTest(level);
    EXPECT_TRUE(KernelOfThree(64, 56, false).starts_with("conv 3x3 winograd F4")) << KernelOfThree(64, 56, false);
    EXPECT_TRUE(KernelOfThree(64, 2, false).starts_with("conv 3x3 winograd F2")) << KernelOfThree(64, 2, false);
    EXPECT_TRUE(KernelOfThree(1, 56, false).starts_with("conv 3x3 direct")) << KernelOfThree(1, 56, false);
    EXPECT_TRUE(KernelOfThree(64, 56, true).starts_with("conv 3x3 direct")) << KernelOfThree(64, 56, true);
    SetCpuLevelForTest(HostCpuLevels().back());
  }
}

TEST(CpuConv, WinogradOnAMapThatTheModelDoesNotTell) {
  for (int64_t side : {1, 6, 7, 40}) {
    Check(
        [&](GraphMaker& g) {
          const ValueId x = g.RandomInput({2, 24, side, side});
          g.SetSymbolic(x);
          g.Output(g.Op("Conv", {x, g.Weights({40, 24, 3, 3}), g.Weights({40})}, {{"pads", std::vector<int64_t>{1, 1, 1, 1}}}));
        },
        1e-4, 2e-4);
  }
}

// Against sums in double: some 3e-6 of the largest result, a few times what plain sums are off.
TEST(CpuConv, WinogradErrorIsSmall) {
  constexpr int64_t kChannels = 256, kSide = 16, kOut = 32;
  GraphMaker g;
  Tensor x = g.Random({1, kChannels, kSide, kSide}, -2, 2), w = g.Random({kOut, kChannels, 3, 3}, -0.04f, 0.04f);
  g.Output(g.Op("Conv", {g.Input(x), g.Constant(w)}));
  SessionOptions options;
  options.threads = 1;
  options.providers = {MakeCpuProvider(), MakeReferenceProvider()};
  auto session = Session::FromGraph(g.TakeGraph(), std::move(options));
  ASSERT_TRUE(session.ok()) << session.status().ToString();
  auto got = (*session)->Run(g.inputs());
  ASSERT_TRUE(got.ok()) << got.status().ToString();
  const float* y = (*got)[0].tensor().data<float>();
  double worst = 0, largest = 0;
  for (int64_t o = 0; o < kOut; ++o) {
    for (int64_t i = 0; i < kSide - 2; ++i) {
      for (int64_t j = 0; j < kSide - 2; ++j, ++y) {
        double sum = 0;
        for (int64_t c = 0; c < kChannels; ++c) {
          for (int64_t t = 0; t < 9; ++t)
            sum +=
                double{x.data<float>()[(c * kSide + i + t / 3) * kSide + j + t % 3]} * double{w.data<float>()[(o * kChannels + c) * 9 + t]};
        }
        worst = std::max(worst, std::abs(sum - double{*y}));
        largest = std::max(largest, std::abs(sum));
      }
    }
  }
  RecordProperty("relative_error", std::to_string(worst / largest));
  EXPECT_LT(worst, largest * 1e-5);
}

TEST(CpuConv, ReadsWhatItMadeInTheSameLayout) {
  Check(
      [](GraphMaker& g) {
        const ValueId x = g.RandomInput({1, 8, 12, 12});
        const std::vector<Attribute> pads = {{"pads", std::vector<int64_t>{1, 1, 1, 1}}};
        const ValueId a = g.Op("Relu", {g.Op("Conv", {x, g.Weights({16, 8, 3, 3})}, pads)});
        const ValueId b = g.Op("Conv", {a, g.Weights({16, 16, 1, 1})});
        const ValueId gate = g.Op("Sigmoid", {g.Op("Conv", {g.Op("GlobalAveragePool", {b}), g.Weights({16, 16, 1, 1})})});
        const ValueId joined =
            g.Op("Concat",
                 {a, g.Op("Mul", {b, gate}),
                  g.Op("MaxPool", {b}, {{"kernel_shape", std::vector<int64_t>{3, 3}}, {"pads", std::vector<int64_t>{1, 1, 1, 1}}})},
                 {{"axis", int64_t{1}}});
        const auto halves = g.Add("Split", {joined}, {{"axis", int64_t{1}}, {"num_outputs", int64_t{2}}}, 2);
        g.Output(g.Op("Conv", {halves[0], g.Weights({8, 24, 3, 3})}, pads));
        g.Output(g.Op("Mul", {halves[1], g.Weights({24, 1, 1})}));
      },
      1e-4, 5e-4);
}

// --- products ---

TEST(CpuMatMul, ConstantRightHandSide) {
  for (const auto& [m, k, n] : {std::tuple<int64_t, int64_t, int64_t>{1, 64, 100}, {5, 33, 17}, {200, 48, 96}, {31, 1, 1}, {17, 300, 65}}) {
    Check([&](GraphMaker& g) { g.Output(g.Op("MatMul", {g.RandomInput({m, k}), g.Weights({k, n})})); }, 1e-4, 2e-4);
    Check([&](GraphMaker& g) { g.Output(g.Op("MatMul", {g.RandomInput({2, m, k}), g.Weights({k, n})})); }, 1e-4, 2e-4);
  }
}

// Rows of A that are a multiple of 4 KiB long are multiplied from a copy.
TEST(CpuMatMul, CollidingRows) {
  for (int64_t m : {3, 40, 700}) {
    Check([&](GraphMaker& g) { g.Output(g.Op("MatMul", {g.RandomInput({m, 1024}), g.Weights({1024, 100})})); }, 1e-4, 5e-4);
  }
  Check([](GraphMaker& g) { g.Output(g.Op("MatMul", {g.RandomInput({3, 50, 1024}), g.RandomInput({3, 1024, 70})})); }, 1e-4, 5e-4);
  Check([](GraphMaker& g) { g.Output(g.Op("MatMul", {g.RandomInput({50, 1024}), g.RandomInput({1024, 70})})); }, 1e-4, 5e-4);
}

// A constant is packed by each of its readers, and stays for those that read it as it is.
TEST(CpuMatMul, SharedRightHandSide) {
  Check(
      [](GraphMaker& g) {
        const ValueId w = g.Weights({40, 40});
        g.Output(g.Op("MatMul", {g.Op("Tanh", {g.Op("MatMul", {g.RandomInput({9, 40}), w})}), w}));
      },
      1e-4, 1e-3);
  Check(
      [](GraphMaker& g) {
        const ValueId w = g.Weights({40, 40});
        g.Output(g.Op("MatMul", {g.RandomInput({9, 40}), w}));
        g.Output(g.Op("Mul", {g.RandomInput({40, 40}), w}));
        g.Output(g.Op("MatMul", {g.RandomInput({3, 40}), w}));
      },
      1e-4, 1e-3);
}

TEST(CpuMatMul, Batches) {
  const std::pair<Shape, Shape> shapes[] = {
      {{2, 3, 7, 20}, {2, 3, 20, 9}}, {{3, 7, 20}, {20, 40}}, {{7, 20}, {4, 20, 9}}, {{2, 1, 7, 5}, {1, 3, 5, 6}}, {{4, 0}, {0, 3}}};
  for (const auto& [a, b] : shapes) {
    Check([&](GraphMaker& g) { g.Output(g.Op("MatMul", {g.RandomInput(a), g.RandomInput(b)})); }, 1e-4, 2e-4);
  }
}

TEST(CpuGemm, Forms) {
  for (int64_t trans_b : {0, 1}) {
    const Shape w = trans_b != 0 ? Shape({50, 30}) : Shape({30, 50});
    const std::vector<Attribute> attributes = {{"transB", trans_b}, {"alpha", 0.5f}, {"beta", 2.0f}};
    Check(
        [&](GraphMaker& g) {
          g.Output(g.Op("Relu", {g.Op("Gemm", {g.RandomInput({9, 30}), g.Weights(w), g.Weights({50})}, attributes)}));
        },
        1e-4, 1e-4);
    Check([&](GraphMaker& g) { g.Output(g.Op("Gemm", {g.RandomInput({9, 30}), g.Weights(w), g.Weights({1})}, attributes)); }, 1e-4, 1e-4);
    Check(
        [&](GraphMaker& g) {
          g.Output(g.Op("Gelu", {g.Op("Gemm", {g.RandomInput({9, 30}), g.Weights(w)}, {{"transB", trans_b}})}));
        },
        1e-4, 1e-4);
    Check([&](GraphMaker& g) { g.Output(g.Op("Gemm", {g.RandomInput({9, 30}), g.RandomInput(w)}, {{"transB", trans_b}})); }, 1e-4, 1e-4);
  }
}

TEST(CpuMatMul, NanStaysNan) {
  Check([](GraphMaker& g) {
    Tensor x = g.Random({3, 8});
    x.mutable_data<float>()[9] = std::numeric_limits<float>::quiet_NaN();
    g.Output(g.Op("Relu", {g.Op("MatMul", {g.Input(x), g.Weights({8, 5})})}));
  });
}

// --- pooling ---

TEST(CpuPool, Windows) {
  for (const char* op : {"MaxPool", "AveragePool"}) {
    for (const auto& [kernel, stride, pad, ceil] :
         {std::tuple<int64_t, int64_t, int64_t, int64_t>{3, 2, 1, 0}, {2, 2, 0, 0}, {3, 2, 0, 1}, {3, 1, 1, 0}, {5, 3, 2, 1}}) {
      for (int64_t include : {0, 1}) {
        std::vector<Attribute> attributes = {{"kernel_shape", std::vector<int64_t>{kernel, kernel}},
                                             {"strides", std::vector<int64_t>{stride, stride}},
                                             {"pads", std::vector<int64_t>{pad, pad, pad, pad}},
                                             {"ceil_mode", ceil}};
        if (*op == 'A') attributes.push_back({"count_include_pad", include});
        Check([&](GraphMaker& g) { g.Output(g.Op(op, {g.RandomInput({2, 37, 13, 14})}, attributes)); });
      }
    }
    Check([&](GraphMaker& g) { g.Output(g.Op(op, {g.RandomInput({2, 5, 30})}, {{"kernel_shape", std::vector<int64_t>{4}}})); });
  }
}

TEST(CpuPool, Global) {
  for (const char* op : {"GlobalAveragePool", "GlobalMaxPool"}) {
    for (const Shape& shape : {Shape({2, 100, 7, 7}), Shape({1, 3, 20, 31}), Shape({1, 16, 9}), Shape({1, 8, 2, 3, 4})}) {
      Check([&](GraphMaker& g) { g.Output(g.Op(op, {g.RandomInput(shape)})); });
    }
  }
}

// --- elements ---

TEST(CpuElementwise, OneInput) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const char* const names[] = {"Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "Tanh",  "HardSwish", "Gelu",
                               "Elu",  "Softplus",  "Mish",    "Abs",         "Neg",   "Exp",       "Log",
                               "Sqrt", "Erf",       "Floor",   "Ceil",        "Round", "Reciprocal"};
  for (const char* name : names) {
    SCOPED_TRACE(name);
    Check(
        [&](GraphMaker& g) {
          Tensor x = g.Random({1, 7, 11, 13}, -12, 12);
          const float special[] = {0.0f,  -0.0f,  1.0f,  -1.0f,     0.5f,
                                   1.5f,  2.5f,   -2.5f, 1e-6f,     -1e-6f,
                                   87.0f, -87.0f, 3.9f,  kInfinity, std::numeric_limits<float>::quiet_NaN()};
          std::copy(std::begin(special), std::end(special), x.mutable_data<float>());
          g.Output(g.Op(name, {g.Input(x)}));
        },
        2e-6, 2e-6);
  }
  Check([](GraphMaker& g) {
    g.Output(g.Op("Clip", {g.RandomInput({50}), g.Constant(Tensor::Scalar(-0.5f)), g.Constant(Tensor::Scalar(1.0f))}));
  });
  Check([](GraphMaker& g) { g.Output(g.Op("Pow", {g.RandomInput({50}), g.Constant(Tensor::Scalar(2.0f))})); });
}

TEST(CpuElementwise, TwoInputs) {
  const std::pair<Shape, Shape> shapes[] = {
      {{5, 37}, {5, 37}}, {{5, 37}, {37}}, {{5, 37}, {5, 1}}, {{1}, {5, 37}}, {{2, 3, 4, 19}, {3, 1, 19}}, {{2, 1, 4, 1}, {1, 3, 1, 19}},
      {{}, {}},           {{0, 3}, {1, 3}}};
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Min", "Max", "Sum"}) {
    SCOPED_TRACE(op);
    for (const auto& [a, b] : shapes) Check([&](GraphMaker& g) { g.Output(g.Op(op, {g.RandomInput(a), g.RandomInput(b)})); });
  }
  Check([](GraphMaker& g) { g.Output(g.Op("PRelu", {g.RandomInput({2, 6, 5, 5}), g.Weights({6, 1, 1})})); });
  Check(
      [](GraphMaker& g) {  // channels-last on the left, a slope a channel
        const ValueId x = g.Op("Conv", {g.RandomInput({1, 6, 5, 5}), g.Weights({10, 6, 1, 1})});
        g.Output(g.Op("PRelu", {x, g.Weights({10, 1, 1})}));
      },
      1e-4, 1e-4);
}

TEST(CpuElementwise, BatchNormalization) {
  for (const Shape& shape : {Shape({2, 21, 5, 6}), Shape({3, 21}), Shape({2, 21, 9})}) {
    Check([&](GraphMaker& g) {
      const ValueId x = g.RandomInput(shape);
      const ValueId variance = g.Constant(g.Random({21}, 0.1f, 2));
      g.Output(g.Op("Relu", {g.Op("BatchNormalization", {x, g.Weights({21}), g.Weights({21}), g.Weights({21}), variance})}));
    });
  }
}

// --- rows ---

TEST(CpuRows, Softmax) {
  for (const char* op : {"Softmax", "LogSoftmax"}) {
    for (int64_t n : {1, 5, 16, 197, 1000}) Check([&](GraphMaker& g) { g.Output(g.Op(op, {g.Input(g.Random({3, n}, -30, 30))})); });
    Check([&](GraphMaker& g) { g.Output(g.Op(op, {g.RandomInput({2, 3, 4})}, {{"axis", int64_t{1}}})); }, 1e-5, 2e-5, 11);
  }
}

TEST(CpuRows, LayerNormalization) {
  for (int64_t n : {1, 7, 768}) {
    Check([&](GraphMaker& g) { g.Output(g.Op("LayerNormalization", {g.RandomInput({2, 3, n}), g.Weights({n}), g.Weights({n})})); });
    Check([&](GraphMaker& g) { g.Output(g.Op("LayerNormalization", {g.RandomInput({2, 3, n}), g.Weights({n})}, {{"epsilon", 0.01f}})); });
  }
  Check([](GraphMaker& g) {
    g.Output(g.Op("LayerNormalization", {g.RandomInput({2, 3, 5}), g.Weights({3, 5})}, {{"axis", int64_t{-2}}}));
  });
}

TEST(CpuRows, RmsNormalization) {
  for (int64_t n : {1, 7, 768})
    Check(
        [&](GraphMaker& g) {
          g.Output(g.Op("RMSNormalization", {g.RandomInput({2, 3, n}), g.Weights({n})}, {{"epsilon", 1e-6f}}));
        },
        1e-5, 2e-5, 23);
}

TEST(CpuReduce, AnyAxes) {
  using List = std::vector<int64_t>;
  for (const char* op : {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"}) {
    for (int64_t keep : {0, 1}) {
      Check([&](GraphMaker& g) {
        for (const List& axes : {List{-1}, {2, 1}, {0}, {1}, {0, 2}, {0, 1}, {0, 1, 2}}) {
          for (const Shape& shape : {Shape({3, 4, 50}), Shape({5, 70, 1}), Shape({1, 6, 7}), Shape({2, 0, 3}), Shape({20, 1, 33})}) {
            const ValueId list =
                g.Constant(Tensor::Of<int64_t>(Shape({static_cast<int64_t>(axes.size())}), std::span<const int64_t>(axes)));
            g.Output(g.Op(op, {g.RandomInput(shape), list}, {{"keepdims", keep}}));
          }
        }
        g.Output(g.Op(op, {g.RandomInput({3, 4, 5})}, {{"keepdims", keep}}));
        g.Output(g.Op(op, {g.RandomInput({4, 3, 5, 2, 9}), g.Constant(Tensor::Of<int64_t>({2}, {1, 3}))}, {{"keepdims", keep}}));
      });
    }
  }
}

TEST(CpuReduce, NanStaysNan) {
  for (const char* op : {"ReduceMax", "ReduceMin"}) {
    for (const int64_t axis : {0, 1}) {
      Check([&](GraphMaker& g) {
        Tensor x = g.Random({20, 37});
        x.mutable_data<float>()[37 * 3 + 36] = std::numeric_limits<float>::quiet_NaN();
        g.Output(g.Op(op, {g.Input(x), g.Constant(Tensor::Of<int64_t>({1}, {axis}))}));
      });
    }
  }
}

// --- moving and quantising ---

TEST(CpuMove, ConcatAndSplit) {
  for (int64_t axis : {0, 1, -1}) {
    Check([&](GraphMaker& g) {
      const auto parts = g.Add("Split", {g.RandomInput({4, 6, 10})}, {{"axis", axis}, {"num_outputs", int64_t{2}}}, 2);
      g.Output(g.Op("Concat", {parts[1], parts[0], parts[1]}, {{"axis", axis}}));
    });
  }
}

TEST(CpuMove, Transpose) {
  Check([](GraphMaker& g) { g.Output(g.Op("Transpose", {g.RandomInput({5, 37, 3})})); });
  Check([](GraphMaker& g) { g.Output(g.Op("Transpose", {g.RandomInput({2, 20, 33, 4})}, {{"perm", std::vector<int64_t>{0, 2, 1, 3}}})); });
  Check([](GraphMaker& g) { g.Output(g.Op("Transpose", {g.RandomInput({2, 20, 33, 4})}, {{"perm", std::vector<int64_t>{0, 3, 1, 2}}})); });
}

TEST(CpuQuantize, RoundsAndSaturatesAsTheReference) {
  for (const Tensor& zero : {Tensor::Scalar<uint8_t>(7), Tensor::Scalar<int8_t>(-3)}) {
    Check([&](GraphMaker& g) {
      Tensor x = g.Random({101}, -40, 40);
      const float special[] = {0.5f, -0.5f, 1.5f, 2.5f, 0.25f, 1e30f, -1e30f, std::numeric_limits<float>::infinity()};
      std::copy(std::begin(special), std::end(special), x.mutable_data<float>());
      const ValueId scale = g.Constant(Tensor::Scalar(0.1f)), point = g.Constant(zero);
      const ValueId q = g.Op("QuantizeLinear", {g.Input(x), scale, point});
      g.Output(q);
      g.Output(g.Op("DequantizeLinear", {q, scale, point}));
    });
  }
}

}  // namespace
}  // namespace samoyed::testing
