// Cast, comparisons, logic and Where of the cpu provider against the reference, for every type.
#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "kernels/check.h"
#include "passes/pass.h"
#include "tensor/convert.h"

namespace samoyed::testing {
namespace {

constexpr DType kTypes[] = {DType::kFloat, DType::kDouble, DType::kInt8,   DType::kInt16,  DType::kInt32, DType::kInt64,
                            DType::kUint8, DType::kUint16, DType::kUint32, DType::kUint64, DType::kBool};

// Numbers at and around the ends of all integer types, fractions and, where the type has them, NaN and infinities.
Tensor Corners(DType dtype) {
  std::vector<double> values = {0, 1, -1, 0.5, -0.5, 1.5, 2.5, 100.7, -100.7};
  for (const int bits : {7, 8, 15, 16, 31, 32, 63, 64}) {
    for (const double offset : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
      values.push_back(std::ldexp(1.0, bits) + offset);
      values.push_back(-std::ldexp(1.0, bits) + offset);
    }
  }
  for (const double v : {1e30, -1e30, HUGE_VAL, -HUGE_VAL, std::nan("")}) values.push_back(v);
  Tensor t = Tensor::Allocate(dtype, Shape({static_cast<int64_t>(values.size())})).value();
  StoreAll(t, values);
  return t;
}

TEST(CpuCast, EveryPairOfTypes) {
  for (const DType from : kTypes) {
    for (const DType to : kTypes) {
      if (from == to) continue;
      SCOPED_TRACE(StrCat(NameOf(from), " to ", NameOf(to)));
      Check([&](GraphMaker& g) { g.Output(g.Op("Cast", {g.Input(Corners(from))}, {{"to", static_cast<int64_t>(to)}})); }, 0, 0);
    }
  }
}

// Every number of 16 bits, and floats around the midpoints between them.
TEST(CpuCast, SixteenBitFloats) {
  for (const DType half : {DType::kFloat16, DType::kBfloat16}) {
    Tensor all = Tensor::Allocate(half, Shape({65536})).value(), floats = Tensor::Allocate(DType::kFloat, Shape({65536 * 5})).value();
    for (int i = 0; i < 65536; ++i) {
      static_cast<uint16_t*>(all.mutable_raw())[i] = static_cast<uint16_t>(i);
      // The bits of the number, as float's, half a step further on and next to that.
      const int shift = half == DType::kFloat16 ? 13 : 16;
      const auto base = std::bit_cast<uint32_t>(static_cast<float>(DecodeFloat(half, static_cast<uint32_t>(i))));
      const uint32_t middle = base + (1u << (shift - 1));
      const uint32_t near[] = {base, middle - 1, middle, middle + 1, base + static_cast<uint32_t>(i) * 977u % (1u << shift)};
      for (int k = 0; k < 5; ++k) floats.mutable_data<float>()[i * 5 + k] = std::bit_cast<float>(near[k]);
    }
    for (float& v : std::span(floats.mutable_data<float>(), 65536 * 5)) {
      if (std::isnan(v)) v = 0.1f;  // which NaN is open
    }
    Check([&](GraphMaker& g) { g.Output(g.Op("Cast", {g.Input(all)}, {{"to", int64_t{1}}})); }, 0, 0);
    Check([&](GraphMaker& g) { g.Output(g.Op("Cast", {g.Input(floats)}, {{"to", static_cast<int64_t>(half)}})); }, 0, 0);
  }
}

TEST(CpuCast, NanStaysNan) {
  for (const DType half : {DType::kFloat16, DType::kBfloat16}) {
    Check(
        [&](GraphMaker& g) {
          const ValueId x = g.Input(Tensor::Of<float>({3}, {std::nanf(""), -std::nanf("1"), std::bit_cast<float>(0x7f800001u)}));
          g.Output(g.Op("Cast", {g.Op("Cast", {x}, {{"to", static_cast<int64_t>(half)}})}, {{"to", int64_t{1}}}));
        },
        0, 0);
  }
}

// The declared type of an output does not say what a node makes.
TEST(CpuCast, ATypeThatIsNoneIsRefused) {
  GraphMaker g(21);
  const ValueId y = g.Op("Cast", {g.RandomInput({3})}, {{"to", int64_t{0}}});
  g.Output(y);
  Graph graph = g.TakeGraph();
  graph.mutable_value(y).type = Type::TensorOf(DType::kFloat, Dims{3});
  SessionOptions options;
  options.providers = {MakeCpuProvider(), MakeReferenceProvider()};
  auto session = Session::FromGraph(std::move(graph), std::move(options));
  EXPECT_FALSE(session.ok() && (*session)->Run(g.inputs()).ok());
}

Tensor Small(GraphMaker& g, DType dtype, const Shape& shape) {  // many are equal
  const Tensor bytes = g.RandomBytes(DType::kUint8, shape);
  Tensor t = Tensor::Allocate(dtype, shape).value();
  std::vector<double> values = LoadAll<double>(bytes);
  for (double& v : values) v = dtype == DType::kBool ? static_cast<double>(v > 127) : std::fmod(v, 3);
  StoreAll(t, values);
  return t;
}

const std::vector<std::pair<Shape, Shape>> kShapes = {{{3, 40}, {3, 40}},  {{3, 40}, {1}}, {{}, {7}},      {{5, 1}, {1, 9}},
                                                      {{4, 1, 6}, {3, 1}}, {{0, 3}, {3}},  {{20000}, {1}}, {{1}, {20000}}};

TEST(CpuCompare, EveryType) {
  for (const char* op : {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"}) {
    for (const DType dtype : kTypes) {
      if (dtype == DType::kBool && std::string_view(op) != "Equal") continue;
      SCOPED_TRACE(StrCat(op, " ", NameOf(dtype)));
      Check(
          [&](GraphMaker& g) {
            for (const auto& [a, b] : kShapes) g.Output(g.Op(op, {g.Input(Small(g, dtype, a)), g.Input(Small(g, dtype, b))}));
          },
          0, 0);
    }
  }
}

TEST(CpuCompare, Logic) {
  for (const char* op : {"And", "Or", "Xor"}) {
    Check(
        [&](GraphMaker& g) {
          for (const auto& [a, b] : kShapes) g.Output(g.Op(op, {g.Input(Small(g, DType::kBool, a)), g.Input(Small(g, DType::kBool, b))}));
        },
        0, 0);
  }
}

// A file may have any byte for true.
TEST(CpuCompare, EveryByteButZeroIsTrue) {
  Check(
      [&](GraphMaker& g) {
        Tensor a = Tensor::Allocate(DType::kBool, Shape({4})).value(), b = Tensor::Allocate(DType::kBool, Shape({4})).value();
        for (int i = 0; i < 4; ++i) {
          static_cast<uint8_t*>(a.mutable_raw())[i] = static_cast<uint8_t>(i);
          static_cast<uint8_t*>(b.mutable_raw())[i] = static_cast<uint8_t>(i % 2 * 7);
        }
        const ValueId x = g.Input(a), y = g.Input(b);
        for (const char* op : {"Equal", "And", "Or", "Xor"}) g.Output(g.Op(op, {x, y}));
        g.Output(g.Op("Cast", {x}, {{"to", int64_t{1}}}));
        g.Output(g.Op("Cast", {x}, {{"to", int64_t{7}}}));
        g.Output(g.Op("Where", {x, y, x}));
      },
      0, 0);
}

TEST(CpuWhere, EveryWidthAndBroadcast) {
  for (const DType dtype : {DType::kFloat, DType::kDouble, DType::kInt8, DType::kBfloat16, DType::kBool}) {
    Check(
        [&](GraphMaker& g) {
          for (const auto& [a, b] : kShapes) {
            const ValueId x = g.Input(Small(g, dtype, a)), y = g.Input(Small(g, dtype, b));
            for (const Shape& c : {Shape({}), a, b}) g.Output(g.Op("Where", {g.Input(Small(g, DType::kBool, c)), x, y}));
          }
        },
        0, 0);
  }
}

// --- models in 16-bit floats ---

int CountOf(const Graph& graph, std::string_view op_type) {
  int count = 0;
  for (NodeId id = 0; id < graph.num_node_slots(); ++id) count += graph.has_node(id) && graph.node(id).op_type == op_type ? 1 : 0;
  return count;
}

// Two products with a movement and a function between them, and a reader that must see the rounded numbers.
void MakeHalfNetwork(GraphMaker& g, DType half, int64_t width) {
  const auto narrow = [&](const Tensor& t) {
    Tensor out = Tensor::Allocate(half, t.shape()).value();
    StoreAll(out, LoadAll<double>(t));
    return out;
  };
  const float scale = 1 / std::sqrt(static_cast<float>(width));
  const ValueId x = g.Input(narrow(g.Random({3, width})));
  const ValueId a = g.Op("MatMul", {x, g.Constant(narrow(g.Random({width, width}, -scale, scale)))});
  const ValueId r = g.Op("Relu", {g.Op("Transpose", {g.Op("Transpose", {a})})});
  g.Output(g.Op("IsInf", {r}));
  g.Output(g.Op("Gemm", {r, g.Constant(narrow(g.Random({width, width}, -scale, scale))), g.Constant(narrow(g.Random({width})))}));
}

TEST(WidenHalf, ComputesInFloatAndRoundsOnce) {
  for (const DType half : {DType::kFloat16, DType::kBfloat16}) {
    const Make make = [&](GraphMaker& g) { MakeHalfNetwork(g, half, 40); };
    GraphMaker maker(22);
    make(maker);
    Graph graph = maker.TakeGraph();
    ASSERT_TRUE(RunPasses(graph, {}).ok());
    EXPECT_EQ(CountOf(graph, "Cast"), 3);  // in, out, and for IsInf
    const std::vector<Value> plain = RunOn(make, false, 1, 22);
    SessionOptions options;
    options.providers = {MakeCpuProvider(), MakeReferenceProvider()};
    GraphMaker again(22);
    make(again);
    auto session = Session::FromGraph(again.TakeGraph(), std::move(options));
    ASSERT_TRUE(session.ok());
    auto out = (*session)->Run(again.inputs());
    ASSERT_TRUE(out.ok()) << out.status().ToString();
    const std::vector<double> expected = LoadAll<double>(plain[1].tensor()), actual = LoadAll<double>((*out)[1].tensor());
    EXPECT_EQ((*out)[1].tensor().dtype(), half);
    const double step = half == DType::kFloat16 ? 0x1p-10 : 0x1p-7;
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 4 * step);
  }
}

TEST(WidenHalf, WithoutWeightsEveryOperatorRounds) {
  GraphMaker maker(22);
  MakeHalfNetwork(maker, DType::kFloat16, 8);
  Graph graph = maker.TakeGraph();
  ASSERT_TRUE(RunPasses(graph, {}).ok());
  EXPECT_EQ(CountOf(graph, "Cast"), 0);
}

}  // namespace
}  // namespace samoyed::testing
