// Gradient nodes become operators that compute the derivative.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "kernels/graph_maker.h"

namespace samoyed::testing {
namespace {

constexpr std::string_view kDomain = "ai.onnx.preview.training";

// Adds Gradient(xs, y) to a graph, given `inputs`; its outputs become the graph's.
void AddGradient(Graph& graph, std::vector<std::string> xs, std::string y, std::vector<ValueId> inputs) {
  Node node;
  node.domain = kDomain;
  node.op_type = "Gradient";
  node.name = "gradient";
  node.schema = FindSchema(kDomain, "Gradient", 1);
  node.since_version = 1;
  for (size_t i = 0; i < xs.size(); ++i) {
    node.outputs.push_back(graph.AddValue(graph.UniqueName("gradient_of"), Type()));
    graph.outputs.push_back(node.outputs.back());
  }
  node.attributes = Attributes({{"xs", std::move(xs)}, {"y", std::move(y)}}, node.schema);
  node.inputs = std::move(inputs);
  graph.AddNode(std::move(node));
}

Result<std::vector<float>> RunGraph(Graph graph, const std::vector<Value>& inputs) {
  SessionOptions options;
  options.threads = 1;
  options.providers = {MakeCpuProvider(), MakeReferenceProvider()};
  SAMOYED_ASSIGN_OR_RETURN(const auto session, Session::FromGraph(std::move(graph), std::move(options)));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Value> out, session->Run(inputs));
  const auto values = out[0].tensor().span<float>();
  return std::vector<float>(values.begin(), values.end());
}

// The derivative of f (of one input) at these places; the second one is that of the first one's sum.
Result<std::vector<float>> Derive(Tensor at, FunctionRef<ValueId(GraphMaker&, ValueId)> f, int times = 1, int opset = 22) {
  GraphMaker maker(opset);
  const ValueId x = maker.Input(std::move(at)), y = f(maker, x);
  Graph graph = maker.TakeGraph();
  const std::string x_name = graph.value(x).name;
  std::string y_name = graph.value(y).name;
  for (int i = 0; i < times; ++i) {
    graph.outputs.clear();
    AddGradient(graph, {x_name}, y_name, {x});
    y_name = graph.value(graph.outputs[0]).name;
  }
  return RunGraph(std::move(graph), maker.inputs());
}

void ExpectNear(const Result<std::vector<float>>& actual, const std::vector<float>& expected) {
  ASSERT_TRUE(actual.ok()) << actual.status().ToString();
  ASSERT_EQ(actual->size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR((*actual)[i], expected[i], 1e-5) << i;
}

TEST(Gradient, FollowsTheChainRule) {
  const Tensor at = Tensor::Of<float>({2}, {0.5f, -1});
  ExpectNear(Derive(at, [](GraphMaker& m, ValueId x) { return m.Op("Mul", {m.Op("Exp", {x}), x}); }), {1.5f * std::exp(0.5f), 0});
  ExpectNear(Derive(at, [](GraphMaker& m, ValueId x) { return m.Op("Relu", {m.Op("Neg", {x})}); }), {0, -1});
  ExpectNear(Derive(at, [](GraphMaker&, ValueId x) { return x; }), {1, 1});
  ExpectNear(Derive(at, [](GraphMaker& m, ValueId) { return m.Constant(Tensor::Of<float>({1}, {3})); }), {0, 0});
}

// Central differences of the same graph, in float.
std::vector<float> Differences(const Tensor& at, FunctionRef<ValueId(GraphMaker&, ValueId)> f, int opset = 22) {
  constexpr float kStep = 1e-2f;
  std::vector<float> out;
  for (int64_t i = 0; i < at.size(); ++i) {
    double sums[2] = {};
    for (int side : {0, 1}) {
      Tensor moved = Tensor::Of<float>(at.shape(), at.span<float>());
      moved.mutable_data<float>()[i] += side == 0 ? kStep : -kStep;
      GraphMaker maker(opset);
      const ValueId x = maker.Input(std::move(moved)), y = f(maker, x);
      Graph graph = maker.TakeGraph();
      graph.outputs = {y};
      const auto values = RunGraph(std::move(graph), maker.inputs());
      if (!values.ok()) return {};
      for (float v : *values) sums[side] += static_cast<double>(v);
    }
    out.push_back(static_cast<float>((sums[0] - sums[1]) / (2 * static_cast<double>(kStep))));
  }
  return out;
}

TEST(Gradient, OfFunctionsOfAnElementAndOfReductions) {
  const Tensor at = Tensor::Of<float>({2, 3}, {0.3f, -0.35f, 0.7f, -0.8f, 0.15f, 0.45f});
  for (const char* op : {"LeakyRelu",
                         "Elu",
                         "Selu",
                         "Celu",
                         "HardSigmoid",
                         "HardSwish",
                         "Mish",
                         "Gelu",
                         "Softsign",
                         "Shrink",
                         "Tan",
                         "Asin",
                         "Acos",
                         "Atan",
                         "Sinh",
                         "Cosh",
                         "Asinh",
                         "Atanh",
                         "ReduceSumSquare",
                         "ReduceL1",
                         "ReduceL2",
                         "ReduceLogSumExp",
                         "ReduceProd",
                         "ReduceMax",
                         "ReduceMin"}) {
    const auto f = [op](GraphMaker& m, ValueId x) { return m.Op(op, {x}); };
    const auto derived = Derive(at, f);
    ASSERT_TRUE(derived.ok()) << op << ": " << derived.status().ToString();
    const std::vector<float> expected = Differences(at, f);
    ASSERT_EQ(derived->size(), expected.size()) << op;
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR((*derived)[i], expected[i], 5e-3) << op << " " << i;
  }
}

TEST(Gradient, OfFunctionsWithParametersAndOfPictures) {
  using List = std::vector<int64_t>;
  using F = std::function<ValueId(GraphMaker&, ValueId)>;
  const Tensor at = Tensor::Of<float>({1, 4, 2, 2}, {0.3f, -0.35f, 0.7f, -0.8f, 0.15f, 0.45f, -0.6f, 0.9f,  //
                                                     -0.2f, 0.55f, 0.25f, -0.4f, 0.65f, -0.75f, 0.1f, 0.85f});
  const std::vector<std::pair<std::string, F>> functions = {
      {"Clip",
       [](GraphMaker& m, ValueId x) {
         return m.Op("Clip", {x, m.Constant(Tensor::Scalar(-0.5f)), m.Constant(Tensor::Scalar(0.6f))});
       }},
      {"PRelu",
       [](GraphMaker& m, ValueId x) {
         return m.Op("PRelu", {x, m.Constant(Tensor::Of<float>({4, 1, 1}, {0.1f, 0.2f, -0.3f, 2}))});
       }},
      {"Swish",
       [](GraphMaker& m, ValueId x) {
         return m.Op("Swish", {x}, {{"alpha", 1.5f}});
       }},
      {"SwiGLU",
       [](GraphMaker& m, ValueId x) {
         return m.Op("SwiGLU", {x, m.Op("Mul", {x, x})});
       }},
      {"GlobalMaxPool", [](GraphMaker& m, ValueId x) { return m.Op("GlobalMaxPool", {x}); }},
      {"GlobalAveragePool",
       [](GraphMaker& m, ValueId x) {
         return m.Op("GlobalAveragePool", {m.Op("Mul", {x, x})});
       }},
      {"DepthToSpace",
       [](GraphMaker& m, ValueId x) {
         const ValueId y = m.Op("DepthToSpace", {x}, {{"blocksize", int64_t{2}}, {"mode", std::string("CRD")}});
         return m.Op("Mul", {y, m.Constant(m.Random({1, 1, 4, 4}))});
       }},
      {"SpaceToDepth",
       [](GraphMaker& m, ValueId x) {
         const ValueId y = m.Op("SpaceToDepth", {x}, {{"blocksize", int64_t{2}}});
         return m.Op("Mul", {y, m.Constant(m.Random({1, 16, 1, 1}))});
       }},
      {"CenterCropPad",
       [](GraphMaker& m, ValueId x) {
         const ValueId y = m.Op("CenterCropPad", {x, m.Constant(Tensor::Of<int64_t>({2}, {1, 4}))}, {{"axes", List{2, 3}}});
         return m.Op("Mul", {y, m.Constant(m.Random({1, 4, 1, 4}))});
       }},
  };
  for (const auto& [name, f] : functions) {
    const auto derived = Derive(at, f, 1, LatestOpset(""));
    ASSERT_TRUE(derived.ok()) << name << ": " << derived.status().ToString();
    const std::vector<float> expected = Differences(at, f, LatestOpset(""));
    ASSERT_EQ(derived->size(), expected.size()) << name;
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR((*derived)[i], expected[i], 5e-3) << name << " " << i;
  }
}

TEST(Gradient, OfZerosLaidBetween) {
  const Tensor at = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  ExpectNear(Derive(at,
                    [](GraphMaker& m, ValueId x) {
                      const ValueId padded = m.Op("Pad", {x, m.Constant(Tensor::Of<int64_t>({4}, {1, 0, -1, 2}))});
                      return m.Op("Mul", {padded, padded});
                    }),
             {2, 4, 0, 0});
  ExpectNear(Derive(at, [](GraphMaker& m, ValueId x) { return m.Op("Trilu", {x}); }), {1, 1, 0, 1});
}

TEST(Gradient, SumsWhatWasBroadcastOrPickedTwice) {
  const Tensor at = Tensor::Of<float>({2}, {1, 2});
  ExpectNear(Derive(at,
                    [](GraphMaker& m, ValueId x) {
                      return m.Op("Add", {x, m.Constant(Tensor::Of<float>({3, 1}, {0, 0, 0}))});
                    }),
             {3, 3});
  ExpectNear(Derive(at,
                    [](GraphMaker& m, ValueId x) {
                      return m.Op("Gather", {x, m.Constant(Tensor::Of<int64_t>({3}, {1, 1, -2}))});
                    }),
             {1, 2});
  ExpectNear(Derive(at,
                    [](GraphMaker& m, ValueId x) {
                      const ValueId one = m.Constant(Tensor::Of<int64_t>({1}, {1})), two = m.Constant(Tensor::Of<int64_t>({1}, {2}));
                      return m.Op("Slice", {x, one, two});
                    }),
             {0, 1});
}

TEST(Gradient, GoesOnThroughTheGradientOfWhatMovesElements) {
  const Tensor at = Tensor::Of<float>({2}, {1, 2});
  const auto cube = [](GraphMaker& m, ValueId x) { return m.Op("Mul", {x, m.Op("Mul", {x, x})}); };
  const auto ints = [](GraphMaker& m, std::vector<int64_t> v) {
    const auto n = static_cast<int64_t>(v.size());
    return m.Constant(Tensor::Of<int64_t>({n}, v));
  };
  const auto gather = [&](GraphMaker& m, ValueId x) { return m.Op("Gather", {cube(m, x), ints(m, {1, 1})}); };
  ExpectNear(Derive(at, gather), {0, 24});
  ExpectNear(Derive(at, gather, 2), {0, 24});
  const auto concat = [&](GraphMaker& m, ValueId x) { return m.Op("Concat", {x, cube(m, x), x}, {{"axis", int64_t{-1}}}); };
  ExpectNear(Derive(at, concat), {5, 14});
  ExpectNear(Derive(at, concat, 2), {6, 12});
  const auto scatter = [&](GraphMaker& m, ValueId x) {
    return m.Op("ScatterElements", {cube(m, x), ints(m, {1}), m.Op("Slice", {x, ints(m, {0}), ints(m, {1})})});
  };
  ExpectNear(Derive(at, scatter), {4, 0});
  ExpectNear(Derive(at, scatter, 2), {6, 0});
  // x' A x, of which the second derivative is A + A' (summed over its rows).
  const auto form = [&](GraphMaker& m, ValueId x) {
    const ValueId a = m.Constant(Tensor::Of<float>({2, 2}, {1, 2, 3, 4}));
    const ValueId row = m.Op("Unsqueeze", {x, ints(m, {0})}), column = m.Op("Unsqueeze", {x, ints(m, {1})});
    return m.Op("MatMul", {m.Op("MatMul", {row, a}), column});
  };
  ExpectNear(Derive(at, form), {12, 21});
  ExpectNear(Derive(at, form, 2), {7, 13});
  const auto diagonal = [&](GraphMaker& m, ValueId x) {
    return m.Op("Einsum", {m.Op("Expand", {x, ints(m, {2, 2})})}, {{"equation", std::string("ii->i")}});
  };
  EXPECT_EQ(Derive(at, diagonal).status().code(), Code::kUnsupported);
  const auto largest = [&](GraphMaker& m, ValueId x) {
    return m.Op("ScatterElements", {x, ints(m, {0, 1}), x}, {{"reduction", std::string("max")}});
  };
  EXPECT_EQ(Derive(at, largest).status().code(), Code::kUnsupported);
}

TEST(Gradient, TakesVectorsForRowsAndColumns) {
  const Tensor at = Tensor::Of<float>({2}, {1, 2});
  const auto matrices = [](GraphMaker& m) { return m.Constant(Tensor::Of<float>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8})); };
  ExpectNear(Derive(at, [](GraphMaker& m, ValueId x) { return m.Op("MatMul", {x, x}); }), {2, 4});
  ExpectNear(Derive(at, [&](GraphMaker& m, ValueId x) { return m.Op("MatMul", {x, matrices(m)}); }), {14, 22});
  ExpectNear(Derive(at, [&](GraphMaker& m, ValueId x) { return m.Op("MatMul", {matrices(m), x}); }), {16, 20});
  ExpectNear(Derive(
                 at,
                 [](GraphMaker& m, ValueId x) {
                   return m.Op("MatMul", {x, x});
                 },
                 2),
             {2, 2});
}

TEST(Gradient, TakesOtherValuesThanItsNamesSay) {
  GraphMaker maker;
  const ValueId x = maker.Input(Tensor::Scalar<float>(2)), other = maker.Input(Tensor::Scalar<float>(5));
  const ValueId y = maker.Op("Mul", {x, x});
  Graph graph = maker.TakeGraph();
  const std::string x_name = graph.value(x).name, y_name = graph.value(y).name;
  AddGradient(graph, {x_name}, y_name, {other});
  ExpectNear(RunGraph(std::move(graph), maker.inputs()), {10});
}

TEST(Gradient, RefusesWhatItCannotDerive) {
  const Tensor at = Tensor::Of<float>({2}, {1, 2});
  const auto none = Derive(at, [](GraphMaker& m, ValueId x) { return m.Op("LpNormalization", {x}); });
  EXPECT_EQ(none.status().code(), Code::kUnsupported) << none.status().ToString();
  for (int mistake = 0; mistake < 4; ++mistake) {
    GraphMaker maker;
    const ValueId x = maker.Input(at);
    Graph graph = maker.TakeGraph();
    const std::string name = graph.value(x).name;
    if (mistake == 0) AddGradient(graph, {"nobody"}, name, {x});
    if (mistake == 1) AddGradient(graph, {name}, "nobody", {x});
    if (mistake == 2) AddGradient(graph, {name}, name, {x, x});
    if (mistake == 3) AddGradient(graph, {name, name}, name, {x, x});
    EXPECT_EQ(RunGraph(std::move(graph), maker.inputs()).status().code(), Code::kBadInput) << mistake;
  }
}

}  // namespace
}  // namespace samoyed::testing
