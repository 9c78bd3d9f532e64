// Chains that become one operator, with the same results, and those that look like one and must stay.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "check/evaluate.h"
#include "check/infer.h"
#include "passes/passes.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

using Values = std::vector<ValueId>;

// A small graph of floats under construction, all of opset 17 unless said.
class Net {
 public:
  explicit Net(int opset = 17) : opset_(opset) { graph.opset_imports[""] = opset; }
  ValueId In(Dims dims, DType dtype = DType::kFloat) {
    graph.inputs.push_back(graph.AddValue("x", Type::TensorOf(dtype, std::move(dims))));
    return graph.inputs.back();
  }
  ValueId C(double v) { return graph.AddConstant("c", Tensor::Of<float>(Shape(), {static_cast<float>(v)})); }
  ValueId C(std::vector<float> v) { return graph.AddConstant("c", Tensor::Of<float>({static_cast<int64_t>(v.size())}, v)); }
  ValueId Op(std::string_view op, Values inputs, std::vector<Attribute> attributes = {}) {
    Node node;
    node.name = graph.UniqueName(op);
    node.op_type = op;
    node.op = FindOp("", op);
    node.schema = FindSchema("", op, opset_);
    node.since_version = node.schema->since_version;
    node.attributes = Attributes(std::move(attributes), node.schema);
    node.inputs = std::move(inputs);
    node.outputs = {graph.AddValue("v", Type())};
    const ValueId out = node.outputs[0];
    graph.AddNode(std::move(node));
    return out;
  }
  ValueId Mean(ValueId x, std::vector<int64_t> axes = {-1}, int64_t keep = 1) {
    return Op("ReduceMean", {x}, {{"axes", std::move(axes)}, {"keepdims", keep}});
  }
  // Runs a pass. The graph must give the same numbers as before; the operators that are left, in their order.
  std::string After(Result<int> (*pass)(Graph&), ValueId out) {
    graph.outputs.push_back(out);
    EXPECT_TRUE(AnnotateTypes(graph).ok());
    const std::vector<double> before = Run();
    const auto changes = pass(graph);
    EXPECT_TRUE(changes.ok());
    const std::vector<double> after = Run();
    EXPECT_EQ(before.size(), after.size());
    for (size_t i = 0; i < before.size(); ++i) {
      if (!std::isnan(before[i]) || !std::isnan(after[i])) EXPECT_NEAR(before[i], after[i], 2e-6 * (1 + std::abs(before[i])));
    }
    std::string ops;
    for (NodeId id : graph.TopologicalOrder()) ops += (ops.empty() ? "" : " ") + graph.node(id).op_type;
    return ops;
  }

  Graph graph;

 private:
  // Both of the first outputs, for an input of numbers around 0; symbolic dimensions count as 2.
  std::vector<double> Run() {
    std::map<ValueId, Value> values;
    for (ValueId id : graph.inputs) {
      const Type& type = graph.value(id).type;
      Shape shape;
      for (const Dim& d : *type.shape) shape.push_back(d.known() ? d.value : 2);
      std::vector<double> numbers;
      for (int64_t i = 0; i < shape.NumElements(); ++i) numbers.push_back(std::sin(static_cast<double>(3 * i + 1)) * 4);
      auto x = Tensor::Allocate(type.dtype, shape);
      EXPECT_TRUE(x.ok());
      StoreAll(*x, numbers);
      values[id] = *x;
    }
    for (NodeId id : graph.TopologicalOrder()) {
      const Node& node = graph.node(id);
      std::vector<const Value*> inputs;
      for (ValueId in : node.inputs)
        inputs.push_back(in == kNoValue ? nullptr : graph.value(in).constant ? &*graph.value(in).constant : &values[in]);
      auto made = Evaluate(node, inputs, 1 << 20);
      EXPECT_TRUE(made.ok()) << node.op_type << made.status().ToString();
      if (made.ok()) values[node.outputs[0]] = (*made)[0];
    }
    std::vector<double> all;
    for (ValueId id : graph.outputs) {
      const std::vector<double> one = LoadAll<double>(values[id].tensor());
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  }
  int opset_;
};

const double kRoot2 = std::sqrt(2.0);
const Dim kN = Dim::Symbol("n");

// --- GELU ---

TEST(FuseGelu, AsTorchWritesIt) {
  Net n;
  const ValueId x = n.In({kN, 5});
  const ValueId sum = n.Op("Add", {n.Op("Erf", {n.Op("Div", {x, n.C(kRoot2)})}), n.C(1)});
  EXPECT_EQ(n.After(FuseGelu, n.Op("Mul", {n.Op("Mul", {x, sum}), n.C(0.5)})), "Gelu");
}

TEST(FuseGelu, InOtherOrders) {
  for (int order = 0; order < 4; ++order) {
    Net n;
    const ValueId x = n.In({kN, 5});
    const ValueId erf = n.Op("Erf", {n.Op("Mul", {n.C(1 / kRoot2), x})});
    const ValueId sum = n.Op("Add", {n.C(1), erf});
    ValueId y = kNoValue;
    if (order == 0) y = n.Op("Mul", {n.Op("Mul", {x, n.C(0.5)}), sum});
    if (order == 1) y = n.Op("Mul", {n.Op("Mul", {n.C(0.5), sum}), x});
    if (order == 2) y = n.Op("Div", {n.Op("Mul", {sum, x}), n.C(2)});
    if (order == 3) y = n.Op("Mul", {sum, n.Op("Div", {x, n.C(2)})});
    EXPECT_EQ(n.After(FuseGelu, y), "Gelu") << order;
  }
}

TEST(FuseGelu, WithTanh) {
  for (int form = 0; form < 3; ++form) {
    Net n;
    const ValueId x = n.In({kN, 5});
    const double k = std::sqrt(2 / M_PI);
    ValueId inner = kNoValue;
    if (form == 0) inner = n.Op("Mul", {n.C(k), n.Op("Add", {x, n.Op("Mul", {n.C(0.044715), n.Op("Mul", {x, n.Op("Mul", {x, x})})})})});
    if (form == 1) inner = n.Op("Mul", {n.Op("Add", {x, n.Op("Mul", {n.Op("Pow", {x, n.C(3)}), n.C(0.044715)})}), n.C(k)});
    if (form == 2) {
      const ValueId square = n.Op("Mul", {n.Op("Mul", {x, n.C(0.044715)}), x});
      inner = n.Op("Mul", {n.Op("Mul", {x, n.C(k)}), n.Op("Add", {n.C(1), square})});
    }
    const ValueId sum = n.Op("Add", {n.Op("Tanh", {inner}), n.C(1)});
    EXPECT_EQ(n.After(FuseGelu, n.Op("Mul", {n.C(0.5), n.Op("Mul", {x, sum})})), "Gelu") << form;
    EXPECT_EQ(n.graph.node(n.graph.TopologicalOrder()[0]).attributes.String("approximate"), "tanh");
  }
}

TEST(FuseGelu, WhatIsNoneStays) {
  for (int wrong = 0; wrong < 6; ++wrong) {
    Net n;
    const ValueId x = n.In({3, 5}), other = n.In({3, 5});
    const ValueId erf = n.Op("Erf", {n.Op("Div", {x, n.C(wrong == 0 ? 1.4 : kRoot2)})});
    const ValueId sum = n.Op("Add", {erf, n.C(wrong == 1 ? 2 : 1)});
    const ValueId product = n.Op("Mul", {wrong == 2 ? other : x, sum});
    if (wrong == 3) n.graph.outputs.push_back(sum);  // read by someone else
    if (wrong == 4) n.graph.outputs.push_back(n.Op("Neg", {erf}));
    const ValueId y = n.Op("Mul", {product, wrong == 5 ? n.graph.AddConstant("h", Tensor::Of<float>({1, 1, 1}, {0.5f})) : n.C(0.5)});
    EXPECT_NE(n.After(FuseGelu, y).find("Erf"), std::string::npos) << wrong;
  }
}

TEST(FuseGelu, OnlyWhatTheModelImportsGoesToAFile) {
  for (int opset : {17, 20}) {
    Net n(opset);
    n.graph.for_file = true;
    const ValueId x = n.In({kN, 5});
    const ValueId sum = n.Op("Add", {n.Op("Erf", {n.Op("Div", {x, n.C(kRoot2)})}), n.C(1)});
    const std::string ops = n.After(FuseGelu, n.Op("Mul", {n.Op("Mul", {x, sum}), n.C(0.5)}));
    EXPECT_EQ(ops == "Gelu", opset == 20) << ops;
  }
}

TEST(FuseGelu, WhatOthersReadIsKept) {
  Net n;
  const ValueId x = n.In({kN, 5});
  const ValueId half = n.Op("Mul", {x, n.C(0.5)});
  n.graph.outputs.push_back(half);
  const ValueId sum = n.Op("Add", {n.Op("Erf", {n.Op("Div", {x, n.C(kRoot2)})}), n.C(1)});
  EXPECT_EQ(n.After(FuseGelu, n.Op("Mul", {half, sum})), "Mul Gelu");
}

// --- SiLU and HardSwish ---

TEST(FuseSilu, XTimesItsSigmoid) {
  Net n;
  const ValueId x = n.In({kN, 5});
  EXPECT_EQ(n.After(FuseSilu, n.Op("Mul", {n.Op("Sigmoid", {x}), x})), "Swish");
}

TEST(FuseSilu, WhatIsNoneStays) {
  for (int wrong = 0; wrong < 3; ++wrong) {
    Net n;
    const ValueId x = n.In({3, 5}), other = n.In({3, 5});
    const ValueId gate = n.Op("Sigmoid", {wrong == 0 ? n.Op("Mul", {x, n.C(1.702)}) : x});
    if (wrong == 1) n.graph.outputs.push_back(gate);
    EXPECT_NE(n.After(FuseSilu, n.Op("Mul", {wrong == 2 ? other : x, gate})).find("Sigmoid"), std::string::npos) << wrong;
  }
}

TEST(FuseHardSwish, InAllForms) {
  for (int form = 0; form < 4; ++form) {
    Net n;
    const ValueId x = n.In({kN, 5});
    const auto six = [&] { return n.Op("Clip", {n.Op("Add", {x, n.C(3)}), n.C(0), n.C(6)}); };
    ValueId y = kNoValue;
    if (form == 0) y = n.Op("Div", {n.Op("Mul", {x, six()}), n.C(6)});
    if (form == 1) y = n.Op("Mul", {x, n.Op("Div", {six(), n.C(6)})});
    if (form == 2) y = n.Op("Mul", {x, n.Op("HardSigmoid", {x}, {{"alpha", 1.0f / 6}})});
    if (form == 3) y = n.Op("Mul", {n.Op("Clip", {n.Op("Add", {n.Op("Div", {x, n.C(6)}), n.C(0.5)}), n.C(0), n.C(1)}), x});
    EXPECT_EQ(n.After(FuseHardSwish, y), "HardSwish") << form;
  }
}

TEST(FuseHardSwish, WhatIsNoneStays) {
  for (int wrong = 0; wrong < 4; ++wrong) {
    Net n;
    const ValueId x = n.In({3, 5});
    const ValueId high = n.C(wrong == 0 ? 5 : 6);
    const ValueId clip = n.Op("Clip", {n.Op("Add", {x, n.C(wrong == 1 ? 2 : 3)}), wrong == 2 ? kNoValue : n.C(0), high});
    const ValueId y = n.Op("Div", {n.Op("Mul", {x, clip}), n.C(wrong == 3 ? 5 : 6)});
    EXPECT_NE(n.After(FuseHardSwish, y).find("Clip"), std::string::npos) << wrong;
  }
}

// --- normalisation ---

// The chain of torch's exporter; `wrong` changes one thing.
std::string LayerNorm(int wrong, Dims dims = {kN, Dim(3), Dim(4)}, std::vector<int64_t> axes = {-1}) {
  Net n;
  const ValueId x = n.In(dims);
  const ValueId mean = n.Mean(x, wrong == 1 ? std::vector<int64_t>{1} : axes);
  const ValueId d = n.Op("Sub", {x, mean});
  if (wrong == 2) n.graph.outputs.push_back(d);
  const ValueId variance = n.Mean(n.Op("Pow", {d, n.C(wrong == 3 ? 3 : 2)}), wrong == 4 ? std::vector<int64_t>{0} : axes);
  ValueId root = n.Op("Sqrt", {n.Op("Add", {variance, n.C(1e-5)})});
  if (wrong == 5) root = n.Op("Add", {n.Op("Sqrt", {variance}), n.C(1e-5)});
  if (wrong == 6) n.graph.outputs.push_back(root);
  ValueId y = n.Op("Div", {wrong == 7 ? x : d, root});
  if (wrong == 8) n.graph.outputs.push_back(y);
  y = n.Op("Mul", {y, wrong == 9 ? n.C(2) : n.C({1, 2, 3, 4})});
  return n.After(FuseLayerNorm, n.Op("Add", {y, n.C({0, 1, 0, -1})}));
}

TEST(FuseLayerNorm, AsTorchWritesIt) {
  EXPECT_EQ(LayerNorm(0), "LayerNormalization");
  EXPECT_EQ(LayerNorm(0, {kN, Dim(3), Dim(4)}, {2}), "LayerNormalization");
  EXPECT_EQ(LayerNorm(0, {Dim(), Dim(), Dim(4)}, {-1}), "LayerNormalization");
}

TEST(FuseLayerNorm, WhatIsNoneStays) {
  for (int wrong = 1; wrong < 10; ++wrong) EXPECT_NE(LayerNorm(wrong).find("Sqrt"), std::string::npos) << wrong;
  EXPECT_NE(LayerNorm(0, {kN, Dim(4), Dim(4)}, {1}).find("Sqrt"), std::string::npos);  // not the last axis
}

TEST(FuseLayerNorm, WithoutBias) {
  Net n;
  const ValueId x = n.In({kN, 4});
  const ValueId d = n.Op("Sub", {x, n.Mean(x)});
  const ValueId root = n.Op("Sqrt", {n.Op("Add", {n.C(1e-6), n.Mean(n.Op("Mul", {d, d}))})});
  EXPECT_EQ(n.After(FuseLayerNorm, n.Op("Mul", {n.C({1, 2, 3, 4}), n.Op("Div", {d, root})})), "LayerNormalization");
}

std::string RmsNorm(int wrong) {
  Net n;
  const ValueId x = n.In({kN, 3, 4}), other = n.In({kN, 3, 4});
  const ValueId squares = wrong == 1 ? n.Op("Mul", {x, other}) : n.Op("Pow", {x, n.C(2)});
  const ValueId root = n.Op("Sqrt", {n.Op("Add", {n.Mean(squares), n.C(1e-6)})});
  if (wrong == 2) n.graph.outputs.push_back(root);
  const ValueId y = wrong == 3 ? n.Op("Div", {other, root}) : n.Op("Mul", {x, n.Op("Reciprocal", {root})});
  return n.After(FuseRmsNorm, n.Op("Mul", {n.C({1, 2, 3, 4}), y}));
}

TEST(FuseRmsNorm, WithOneReciprocal) { EXPECT_EQ(RmsNorm(0), "RMSNormalization"); }

TEST(FuseRmsNorm, WhatIsNoneStays) {
  for (int wrong = 1; wrong < 4; ++wrong) EXPECT_NE(RmsNorm(wrong).find("Sqrt"), std::string::npos) << wrong;
}

}  // namespace
}  // namespace samoyed::passes
