// The integer kernels against the reference kernels, bit for bit, on every instruction set level and with several threads.
#include <gtest/gtest.h>

#include "kernels/check.h"

namespace samoyed::testing {
namespace {

// A byte of a type, as a scalar.
Tensor Byte(DType dtype, int value) {
  return dtype == DType::kUint8 ? Tensor::Scalar<uint8_t>(static_cast<uint8_t>(value)) : Tensor::Scalar<int8_t>(static_cast<int8_t>(value));
}

struct ConvCase {
  const char* name;
  std::vector<int64_t> x, w;
  std::vector<int64_t> strides = {1, 1}, pads = {0, 0, 0, 0}, dilations = {1, 1};
  int64_t group = 1;
  bool bias = true, per_channel = true;
};

void PrintTo(const ConvCase& c, std::ostream* out) { *out << c.name; }

class ByteConvTest : public ::testing::TestWithParam<ConvCase> {};

// Zero points that are 0, in the middle, and such that weights less the zero point do not fit a byte.
struct Types {
  DType x, w, y;
  int x_zero, w_zero, y_zero;
};
constexpr Types kTypes[] = {
    {DType::kUint8, DType::kInt8, DType::kUint8, 0, 0, 0},      {DType::kUint8, DType::kInt8, DType::kInt8, 114, 0, -7},
    {DType::kUint8, DType::kUint8, DType::kUint8, 3, 128, 131}, {DType::kInt8, DType::kInt8, DType::kInt8, -128, 5, 0},
    {DType::kInt8, DType::kUint8, DType::kInt8, 11, 17, 12},
};

TEST_P(ByteConvTest, EqualsTheReference) {
  const ConvCase& c = GetParam();
  for (const Types& t : kTypes) {
    Check([&](GraphMaker& g) {
      const ValueId x = g.Input(g.RandomBytes(t.x, Shape(c.x))), w = g.Constant(g.RandomBytes(t.w, Shape(c.w)));
      const int64_t m = c.w[0], k = c.w[1] * c.w[2] * (c.w.size() > 3 ? c.w[3] : 1);
      // Sums of k products of about 100 x 70 come down to the range of a byte, and a little past it.
      const float y_scale = 80 * std::sqrt(static_cast<float>(k)) * 0.02f * 0.013f;
      const Tensor w_scale = c.per_channel ? g.Random({m}, 0.01f, 0.016f) : Tensor::Scalar(0.013f);
      Tensor bias = Tensor::Allocate(DType::kInt32, Shape({m})).value();
      for (int64_t i = 0; i < m; ++i) bias.mutable_data<int32_t>()[i] = static_cast<int32_t>(i * 977 % 4001 - 2000);
      std::vector<ValueId> inputs = {x,
                                     g.Constant(Tensor::Scalar(0.02f)),
                                     g.Constant(Byte(t.x, t.x_zero)),
                                     w,
                                     g.Constant(w_scale),
                                     g.Constant(Byte(t.w, t.w_zero)),
                                     g.Constant(Tensor::Scalar(y_scale)),
                                     g.Constant(Byte(t.y, t.y_zero))};
      if (c.bias) inputs.push_back(g.Constant(bias));
      g.Output(g.Op("QLinearConv", inputs, {{"strides", c.strides}, {"pads", c.pads}, {"dilations", c.dilations}, {"group", c.group}}));
    });
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ByteConvTest,
    ::testing::Values(
        ConvCase{.name = "pointwise", .x = {1, 24, 9, 11}, .w = {40, 24, 1, 1}},
        ConvCase{.name = "pointwise_odd", .x = {3, 17, 5, 7}, .w = {33, 17, 1, 1}, .per_channel = false},
        ConvCase{.name = "pointwise_strided", .x = {2, 16, 15, 14}, .w = {24, 16, 1, 1}, .strides = {2, 2}},
        ConvCase{.name = "pointwise_many_rows", .x = {1, 64, 60, 60}, .w = {48, 64, 1, 1}},
        ConvCase{.name = "pointwise_few_rows", .x = {1, 640, 3, 3}, .w = {320, 640, 1, 1}},
        ConvCase{.name = "first_layer", .x = {1, 3, 37, 41}, .w = {32, 3, 3, 3}, .strides = {2, 2}, .pads = {0, 0, 1, 1}},
        ConvCase{.name = "seven", .x = {1, 3, 40, 40}, .w = {64, 3, 7, 7}, .strides = {2, 2}, .pads = {3, 3, 3, 3}},
        ConvCase{.name = "three", .x = {1, 16, 28, 28}, .w = {32, 16, 3, 3}, .pads = {1, 1, 1, 1}, .bias = false},
        ConvCase{.name = "three_no_pads", .x = {2, 16, 12, 12}, .w = {20, 16, 3, 3}},
        ConvCase{.name = "three_odd_channels", .x = {1, 19, 30, 29}, .w = {21, 19, 3, 3}, .pads = {1, 1, 1, 1}},
        ConvCase{.name = "three_strided", .x = {1, 20, 19, 23}, .w = {37, 20, 3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}},
        ConvCase{.name = "three_deep", .x = {1, 256, 7, 7}, .w = {128, 256, 3, 3}, .pads = {1, 1, 1, 1}},
        ConvCase{.name = "dilated", .x = {1, 12, 18, 17}, .w = {14, 12, 3, 3}, .pads = {2, 2, 2, 2}, .dilations = {2, 2}},
        ConvCase{.name = "one_axis", .x = {2, 12, 31}, .w = {14, 12, 5}, .strides = {2}, .pads = {2, 1}, .dilations = {1}},
        ConvCase{.name = "grouped", .x = {2, 24, 10, 10}, .w = {36, 8, 3, 3}, .pads = {1, 1, 1, 1}, .group = 3},
        ConvCase{.name = "multiplier", .x = {1, 6, 9, 9}, .w = {12, 1, 3, 3}, .pads = {1, 1, 1, 1}, .group = 6},
        ConvCase{.name = "depthwise", .x = {2, 40, 13, 15}, .w = {40, 1, 3, 3}, .pads = {1, 1, 1, 1}, .group = 40},
        ConvCase{.name = "depthwise_wide", .x = {2, 130, 7, 9}, .w = {130, 1, 3, 3}, .pads = {1, 1, 1, 1}, .group = 130},
        ConvCase{.name = "depthwise_two_taps", .x = {1, 64, 5, 8}, .w = {64, 1, 1, 2}, .group = 64},
        ConvCase{
            .name = "depthwise_strided", .x = {1, 37, 14, 14}, .w = {37, 1, 3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}, .group = 37},
        ConvCase{.name = "depthwise_five",
                 .x = {1, 133, 9, 10},
                 .w = {133, 1, 5, 5},
                 .strides = {2, 1},
                 .pads = {2, 2, 2, 2},
                 .group = 133,
                 .per_channel = false}),
    [](const auto& c) { return c.param.name; });

TEST(ByteGemm, EqualsTheReference) {
  for (const Types& t : kTypes) {
    for (const int64_t trans_b : {0, 1}) {
      for (const bool quantised : {true, false}) {
        Check(
            [&](GraphMaker& g) {
              const ValueId a = g.Input(g.RandomBytes(t.x, {19, 53})),
                            b = g.Constant(g.RandomBytes(t.w, trans_b != 0 ? Shape({70, 53}) : Shape({53, 70})));
              Tensor bias = Tensor::Allocate(DType::kInt32, Shape({70})).value();
              for (int64_t i = 0; i < 70; ++i) bias.mutable_data<int32_t>()[i] = static_cast<int32_t>(i * 977 % 4001 - 2000);
              std::vector<ValueId> inputs = {a,
                                             g.Constant(Tensor::Scalar(0.02f)),
                                             g.Constant(Byte(t.x, t.x_zero)),
                                             b,
                                             g.Constant(g.Random({70}, 0.01f, 0.016f)),
                                             g.Constant(Byte(t.w, t.w_zero)),
                                             g.Constant(bias)};
              if (quantised) {
                inputs.push_back(g.Constant(Tensor::Scalar(0.15f)));
                inputs.push_back(g.Constant(Byte(t.x, t.y_zero < 0 && t.x == DType::kUint8 ? 9 : t.y_zero)));
              }
              g.Output(g.Op("com.microsoft:QGemm", inputs, {{"transB", trans_b}}));
            },
            0, 0);
      }
    }
  }
}

// The zero point of the left-hand side is a value of the run here, as DynamicQuantizeLinear makes it.
TEST(ByteMatMul, EveryTypeAndZeroPointIsExact) {
  for (DType a_type : {DType::kUint8, DType::kInt8}) {
    for (DType b_type : {DType::kUint8, DType::kInt8}) {
      for (int zero : {0, 3, 127}) {
        for (bool per_column : {false, true}) {
          SCOPED_TRACE(StrCat(NameOf(a_type), " ", NameOf(b_type), " ", zero, per_column));
          Check(
              [&](GraphMaker& g) {
                const ValueId b = g.Constant(g.RandomBytes(b_type, {37, 70}));
                const ValueId b_zero = g.Constant(per_column ? g.RandomBytes(b_type, {70}) : Byte(b_type, zero));
                g.Output(g.Op("MatMulInteger", {g.Input(g.RandomBytes(a_type, {2, 9, 37})), b, g.Input(Byte(a_type, zero)), b_zero}));
                g.Output(g.Op("MatMulInteger", {g.Input(g.RandomBytes(a_type, {5, 37})), b}));
                g.Output(g.Op("MatMulInteger", {g.Input(g.RandomBytes(a_type, {0, 37})), b}));
              },
              0, 0);
        }
      }
    }
  }
}

// The scale of the left-hand side too is a value of the run; the bias is there or not.
TEST(ByteMatMul, ToFloat) {
  for (DType a_type : {DType::kUint8, DType::kInt8}) {
    for (int zero : {0, 100}) {
      for (bool per_column : {false, true}) {
        Check(
            [&](GraphMaker& g) {
              const ValueId a = g.Input(g.RandomBytes(a_type, {2, 9, 37})), b = g.Constant(g.RandomBytes(DType::kInt8, {37, 70}));
              const ValueId b_scale = g.Constant(per_column ? g.Random({70}, 0.01f, 0.02f) : Tensor::Scalar(0.015f));
              std::vector<ValueId> inputs = {a, b, g.Input(Tensor::Scalar(0.03f)), b_scale, g.Input(Byte(a_type, zero))};
              g.Output(g.Op("com.microsoft:MatMulIntegerToFloat", inputs));
              inputs.push_back(kNoValue);
              inputs.push_back(g.Weights({70}));
              g.Output(g.Op("com.microsoft:MatMulIntegerToFloat", inputs));
            },
            1e-5, 1e-4);
      }
    }
  }
}

TEST(DynamicQuantize, EqualsTheReference) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const auto& [low, high] :
       {std::pair(-3.0f, 2.0f), {1.0f, 5.0f}, {-7.0f, -1.0f}, {0.0f, 0.0f}, {-1e-30f, kInfinity}, {-kInfinity, 0.5f}}) {
    for (const Shape& shape : {Shape({3, 1001}), Shape({7, 5, 2000}), Shape({}), Shape({0})}) {
      SCOPED_TRACE(StrCat(low, " ", high, " ", shape.ToString()));
      Check(
          [&](GraphMaker& g) {
            Tensor x = g.Random(shape, std::max(low, -1e30f), std::min(high, 1e30f));
            if (x.size() > 30) {
              x.mutable_data<float>()[7] = low;
              x.mutable_data<float>()[x.size() - 1] = high;
              x.mutable_data<float>()[20] = std::numeric_limits<float>::quiet_NaN();
            }
            for (const ValueId y : g.Add("DynamicQuantizeLinear", {g.Input(x)}, {}, 3)) g.Output(y);
          },
          0, 0);
    }
  }
}

TEST(ByteElementwise, EqualsTheReference) {
  const std::vector<std::pair<Shape, Shape>> shapes = {{{3, 45}, {3, 45}}, {{4, 1, 33}, {5, 1}}, {{7}, {}},
                                                       {{1}, {100}},       {{0, 3}, {3}},        {{40000}, {40000}}};
  for (const char* op : {"com.microsoft:QLinearAdd", "com.microsoft:QLinearMul"}) {
    for (const DType dtype : {DType::kUint8, DType::kInt8}) {
      for (const int zero : {0, 100}) {
        for (const float scale : {0.1f, 0.013f, 3.0f}) {
          Check(
              [&](GraphMaker& g) {
                const auto parameters = [&](float s, int z) {
                  return std::pair(g.Constant(Tensor::Scalar(s)), g.Constant(Byte(dtype, z)));
                };
                for (const auto& [a, b] : shapes) {
                  const auto [sa, za] = parameters(0.05f, zero);
                  const auto [sb, zb] = parameters(0.021f, 3);
                  const auto [sc, zc] = parameters(scale, zero / 2);
                  g.Output(g.Op(op, {g.Input(g.RandomBytes(dtype, a)), sa, za, g.Input(g.RandomBytes(dtype, b)), sb, zb, sc, zc}));
                }
              },
              0, 0);
        }
      }
    }
  }
}

// --- the rewrite of dequantise, compute, quantise ---

// Scales are powers of two, so that the path through floats is exact too.
ValueId Dequantize(GraphMaker& g, ValueId bytes, float scale, Tensor zero) {
  return g.Op("DequantizeLinear", {bytes, g.Constant(Tensor::Scalar(scale)), g.Constant(std::move(zero))});
}
ValueId Quantize(GraphMaker& g, ValueId real, float scale, Tensor zero) {
  return g.Op("QuantizeLinear", {real, g.Constant(Tensor::Scalar(scale)), g.Constant(std::move(zero))});
}

TEST(QuantiseLinear, ConvolutionWithActivationBecomesInteger) {
  struct Case {
    const char* activation;
    int zero, clips;
  };
  for (const Case& c : {Case{"", 100, 0}, Case{"Relu", 0, 0}, Case{"Relu", 100, 1}, Case{"Clip", 100, 1}, Case{"Clip", 0, 1}}) {
    SCOPED_TRACE(StrCat(c.activation, " ", c.zero));
    const Make make = [&](GraphMaker& g) {
      const ValueId x = Dequantize(g, g.Input(g.RandomBytes(DType::kUint8, {1, 8, 9, 9})), 0.25f, Byte(DType::kUint8, 120));
      const ValueId w = Dequantize(g, g.Constant(g.RandomBytes(DType::kInt8, {12, 8, 3, 3})), 0.0625f, Byte(DType::kInt8, 0));
      Tensor bias = Tensor::Allocate(DType::kInt32, Shape({12})).value();
      for (int64_t i = 0; i < 12; ++i) bias.mutable_data<int32_t>()[i] = static_cast<int32_t>(i * 100 - 500);
      const ValueId b = g.Op("DequantizeLinear", {g.Constant(bias), g.Constant(Tensor::Scalar(0.25f * 0.0625f))});
      ValueId y = g.Op("Conv", {x, w, b}, {{"pads", std::vector<int64_t>{1, 1, 1, 1}}});
      if (std::string_view(c.activation) == "Relu") y = g.Op("Relu", {y});
      if (std::string_view(c.activation) == "Clip")
        y = g.Op("Clip", {y, g.Constant(Tensor::Scalar(-50.f)), g.Constant(Tensor::Scalar(900.f))});
      g.Output(Quantize(g, y, 8, Byte(DType::kUint8, c.zero)));
    };
    EXPECT_EQ(CountAfterPasses(make, "QLinearConv"), 1);
    EXPECT_EQ(CountAfterPasses(make, "Clip"), c.clips);
    EXPECT_EQ(CountAfterPasses(make, "DequantizeLinear"), 0);
    Check(make, 0, 0);
  }
}

// A product as onnxruntime's dynamic quantiser writes it; `wrong` changes one thing, so that part of it must stay.
TEST(FuseIntegerMatMul, ScalesAndBiasGoIntoTheProduct) {
  for (const int wrong : {0, 1, 2, 3, 4}) {
    for (const bool per_column : {false, true}) {
      SCOPED_TRACE(StrCat(wrong, per_column));
      const Make make = [&](GraphMaker& g) {
        const std::vector<ValueId> q = g.Add("DynamicQuantizeLinear", {g.RandomInput({2, 9, 37})}, {}, 3);
        const ValueId sums = g.Op("MatMulInteger", {q[0], g.Constant(g.RandomBytes(DType::kInt8, {37, 70})), q[2]});
        const ValueId real = g.Op("Cast", {sums}, {{"to", int64_t{1}}});
        if (wrong == 1) g.Output(real);
        const ValueId b_scale = g.Constant(per_column ? g.Random({70}, 0.01f, 0.02f) : g.Random({1}, 0.01f, 0.02f));
        const ValueId scale = wrong == 2 ? g.RandomInput({9, 70}) : g.Op("Mul", {b_scale, q[1]});
        const ValueId y = g.Op("Mul", {wrong == 3 ? sums : real, wrong == 3 ? sums : scale});
        if (wrong == 3) return g.Output(g.Op("Cast", {y}, {{"to", int64_t{1}}}));
        g.Output(g.Op("Add", {wrong == 4 ? g.Weights({9, 70}) : g.Weights({70}), y}));
      };
      EXPECT_EQ(CountAfterPasses(make, "MatMulIntegerToFloat"), wrong == 0 || wrong == 4 ? 1 : 0);
      EXPECT_EQ(CountAfterPasses(make, "Add"), wrong == 0 || wrong == 3 ? 0 : 1);
      if (wrong == 0 || wrong == 4) Check(make, 1e-5, 1e-4);
    }
  }
}

TEST(FuseIntegerMatMul, ProductsOfOneInputShareItsQuantisation) {
  const Make make = [](GraphMaker& g) {
    const ValueId x = g.RandomInput({5, 37});
    for (const int64_t n : {70, 3}) {
      const ValueId b = g.Constant(g.RandomBytes(DType::kInt8, {37, n})), scale = g.Constant(Tensor::Scalar(0.01f));
      g.Output(g.Op("com.microsoft:DynamicQuantizeMatMul", {x, b, scale, kNoValue, g.Weights({n})}));
    }
  };
  EXPECT_EQ(CountAfterPasses(make, "DynamicQuantizeLinear"), 1);
  EXPECT_EQ(CountAfterPasses(make, "MatMulIntegerToFloat"), 2);
  Check(make, 1e-5, 1e-4);
}

TEST(QuantiseLinear, SumsAndProductsBecomeInteger) {
  for (const char* op : {"Add", "Mul"}) {
    for (const char* activation : {"", "Relu"}) {
      const Make make = [&](GraphMaker& g) {
        const auto operand = [&](float scale, int zero) {
          return Dequantize(g, g.Input(g.RandomBytes(DType::kUint8, {2, 8, 9})), scale, Byte(DType::kUint8, zero));
        };
        ValueId y = g.Op(op, {operand(0.25f, 120), operand(0.5f, 100)});
        if (*activation != 0) y = g.Op(activation, {y});
        g.Output(Quantize(g, y, 4, Byte(DType::kUint8, 30)));
      };
      EXPECT_EQ(CountAfterPasses(make, StrCat("QLinear", op)), 1);
      EXPECT_EQ(CountAfterPasses(make, "DequantizeLinear"), 0);
      Check(make, 0, 0);
    }
  }
}

// Quantisers give a channel without weights a scale so small that its bias is next to the end of int32.
TEST(QuantiseLinear, ABiasMayBeAsLargeAsTheTotalFits) {
  struct Case {
    int8_t weight;
    float y_scale;
    bool taken;
  };
  for (const Case& c : {Case{0, 0x1p-6f, true}, Case{127, 0x1p-6f, true}, Case{127, 0x1p-20f, false}}) {
    const Make make = [&](GraphMaker& g) {
      Tensor weights = g.RandomBytes(DType::kInt8, {3, 8, 1, 1});
      std::fill_n(weights.mutable_data<int8_t>(), 8, c.weight);
      const Tensor scales = Tensor::Of<float>({3}, {0x1p-30f, 0x1p-4f, 0x1p-5f}),
                   bias_scales = Tensor::Of<float>({3}, {0x1p-32f, 0x1p-6f, 0x1p-7f});
      const std::vector<Attribute> per_channel = {{"axis", int64_t{0}}};
      const ValueId x = Dequantize(g, g.Input(g.RandomBytes(DType::kUint8, {1, 8, 9, 9})), 0.25f, Byte(DType::kUint8, 120));
      const ValueId zeros = g.Constant(Tensor::Of<int8_t>({3}, {0, 0, 0}));
      const ValueId w = g.Op("DequantizeLinear", {g.Constant(weights), g.Constant(scales), zeros}, per_channel);
      const ValueId b =
          g.Op("DequantizeLinear", {g.Constant(Tensor::Of<int32_t>({3}, {-2147268960, -70, 900})), g.Constant(bias_scales)}, per_channel);
      g.Output(Quantize(g, g.Op("Conv", {x, w, b}), c.y_scale, Byte(DType::kUint8, 100)));
    };
    EXPECT_EQ(CountAfterPasses(make, "QLinearConv"), c.taken ? 1 : 0);
    if (c.taken) Check(make, 0, 0);  // far from a tie, so that a 32nd of a step changes nothing
  }
}

TEST(QuantiseLinear, LeavesWhatOthersRead) {
  const Make make = [](GraphMaker& g) {
    const ValueId x = Dequantize(g, g.Input(g.RandomBytes(DType::kUint8, {1, 8, 9, 9})), 0.25f, Byte(DType::kUint8, 120));
    const ValueId w = Dequantize(g, g.Constant(g.RandomBytes(DType::kInt8, {12, 8, 1, 1})), 0.0625f, Byte(DType::kInt8, 0));
    const ValueId y = g.Op("Conv", {x, w});
    g.Output(y);
    g.Output(Quantize(g, y, 8, Byte(DType::kUint8, 3)));
  };
  EXPECT_EQ(CountAfterPasses(make, "QLinearConv"), 0);
}

TEST(QuantiseLinear, GemmBecomesInteger) {
  const Make make = [](GraphMaker& g) {
    const ValueId x = Dequantize(g, g.Input(g.RandomBytes(DType::kUint8, {3, 40})), 0.25f, Byte(DType::kUint8, 120));
    const ValueId w = Dequantize(g, g.Constant(g.RandomBytes(DType::kInt8, {24, 40})), 0.0625f, Byte(DType::kInt8, 0));
    g.Output(Quantize(g, g.Op("Gemm", {x, w, g.Constant(Tensor::Of<float>({1}, {2.5f}))}, {{"transB", int64_t{1}}}), 8,
                      Byte(DType::kUint8, 128)));
    const ValueId bias = g.Constant(Tensor::Of<float>(Shape({24}), std::vector<float>(24, 2.5f)));
    g.Output(Quantize(g, g.Op("Gemm", {x, w, bias}, {{"transB", int64_t{1}}}), 8, Byte(DType::kUint8, 128)));
  };
  EXPECT_EQ(CountAfterPasses(make, "QGemm"), 1);  // a bias of one number is not taken
  Check(make, 0, 0);
}

}  // namespace
}  // namespace samoyed::testing
