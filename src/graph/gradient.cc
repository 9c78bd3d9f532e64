#include "graph/gradient.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>

namespace samoyed {
namespace {

constexpr int kOpset = 21;  // whose operators the rules are written in
// Each node walks the graph and may double it: hostile models end here, not in hours.
constexpr int kMaxGradients = 256, kMaxNodes = 1 << 20;

// Adds nodes for one Gradient node. A failure is kept in status(); values made after one are kNoValue.
class Maker {
 public:
  Maker(Graph& graph, std::string base) : graph_(graph), base_(std::move(base)) {}

  ValueId Node(std::string_view op, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}, std::string_view domain = "") {
    if (!status_.ok()) return kNoValue;
    samoyed::Node node;
    node.op = FindOp(domain, op);
    node.schema = FindSchema(domain, op, domain.empty() ? kOpset : 1);
    if (node.op == nullptr || node.schema == nullptr) {
      status_ = Unsupported("a gradient needs the operator ", op, ", which this build was made without");
      return kNoValue;
    }
    node.domain = domain;
    node.op_type = op;
    node.since_version = node.schema->since_version;
    node.attributes = Attributes(std::move(attributes), node.schema);
    node.inputs = std::move(inputs);
    return Add(std::move(node), 1);
  }
  // The same operator with other inputs; output 0.
  ValueId Again(const samoyed::Node& like, std::vector<ValueId> inputs, std::vector<Attribute> changes = {}) {
    samoyed::Node node = CopyOf(like);
    for (Attribute& change : changes) node.attributes.Set(std::move(change.name), std::move(change.value));
    node.inputs = std::move(inputs);
    return Add(std::move(node), 1);
  }
  // All outputs of a copy.
  std::vector<ValueId> Clone(const samoyed::Node& like, std::vector<ValueId> inputs) {
    samoyed::Node node = CopyOf(like);
    node.inputs = std::move(inputs);
    const NodeId id = AddNode(std::move(node), like.outputs.size());
    return graph_.node(id).outputs;
  }
  ValueId Constant(Tensor value) { return graph_.AddConstant(graph_.UniqueName(base_), std::move(value)); }
  // The number as a scalar of the type of `like`.
  ValueId Number(double value, ValueId like) { return Node("CastLike", {Constant(Tensor::Scalar(value)), like}); }
  // A tensor of the number, in the type and shape of `like`.
  ValueId Filled(float value, ValueId like) {
    return Node("CastLike", {Node("ConstantOfShape", {ShapeOf(like)}, {{"value", Tensor::Of<float>({1}, {value})}}), like});
  }
  ValueId ShapeOf(ValueId x) { return Node("Shape", {x}); }
  ValueId ReduceTo(ValueId g, ValueId like) { return Node("ReduceToShape", {g, like}, {}, "ai.samoyed"); }
  ValueId ReshapeTo(ValueId g, ValueId like) { return Node("Reshape", {g, ShapeOf(like)}, {{"allowzero", int64_t{1}}}); }
  ValueId Mul(ValueId a, ValueId b) { return Node("Mul", {a, b}); }
  ValueId Sub(ValueId a, ValueId b) { return Node("Sub", {a, b}); }
  ValueId Div(ValueId a, ValueId b) { return Node("Div", {a, b}); }
  ValueId Neg(ValueId a) { return Node("Neg", {a}); }
  const Graph& graph() const { return graph_; }
  const Status& status() const { return status_; }

 private:
  static samoyed::Node CopyOf(const samoyed::Node& like) {
    samoyed::Node node;
    node.domain = like.domain;
    node.op_type = like.op_type;
    node.since_version = like.since_version;
    node.op = like.op;
    node.schema = like.schema;
    node.attributes = like.attributes;
    return node;
  }
  NodeId AddNode(samoyed::Node node, size_t outputs) {
    node.name = graph_.UniqueName(base_);
    for (size_t i = 0; i < outputs; ++i) node.outputs.push_back(graph_.AddValue(graph_.UniqueName(base_), {}));
    return graph_.AddNode(std::move(node));
  }
  ValueId Add(samoyed::Node node, size_t outputs) {
    return status_.ok() ? graph_.node(AddNode(std::move(node), outputs)).outputs[0] : kNoValue;
  }

  Graph& graph_;
  const std::string base_;
  Status status_;
};

// What a rule sees: the node's (mapped) inputs and output, and the gradient g of its output. It gives the gradient of input k, or
// kNoValue where that has none.
struct Step {
  const Node& node;
  std::vector<ValueId> in;
  ValueId y, g;
  size_t k;

  int64_t Int(std::string_view name, int64_t fallback) const { return node.attributes.Int(name, fallback); }
};
using Rule = ValueId (*)(Maker& m, const Step& s);

ValueId Unreduced(Maker& m, const Step& s, ValueId g) { return m.ReduceTo(g, s.in[s.k]); }

ValueId PowRule(Maker& m, const Step& s) {
  const ValueId a = s.in[0], b = m.Node("CastLike", {s.in[1], a});
  if (s.k == 1) return m.Node("CastLike", {m.ReduceTo(m.Mul(s.g, m.Mul(s.y, m.Node("Log", {a}))), b), s.in[1]});
  return m.ReduceTo(m.Mul(s.g, m.Mul(b, m.Node("Pow", {a, m.Sub(b, m.Number(1, b))}))), a);
}

// A' B' sums over the last axis of A' and the last but one of B'; leading axes are broadcast. Ranks are not known here: a vector is made
// the row or column that it stands for, and the product's gradient gets the axis of 1 back that it lost by that.
ValueId MatMulRule(Maker& m, const Step& s) {
  const auto number = [&](int64_t v) { return m.Constant(Tensor::Of<int64_t>({1}, {v})); };
  const auto reshape = [&](ValueId x, ValueId shape) { return m.Node("Reshape", {x, shape}, {{"allowzero", int64_t{1}}}); };
  const auto joined = [&](std::vector<ValueId> parts) { return m.Node("Concat", std::move(parts), {{"axis", int64_t{0}}}); };
  const auto rank = [&](ValueId x) { return m.ShapeOf(m.ShapeOf(x)); };
  const auto matrix_axes = [&](ValueId x) { return m.Node("Min", {rank(x), number(2)}); };
  const ValueId zero = number(0), two = number(2), b_rank = m.Node("Max", {rank(s.in[1]), two});
  const ValueId a = m.Node("Unsqueeze", {s.in[0], zero});
  const ValueId b = reshape(s.in[1], m.Node("Slice", {joined({m.ShapeOf(s.in[1]), number(1)}), zero, b_rank}));
  const ValueId batch = m.Sub(m.Node("Add", {rank(s.g), two}), m.Node("Add", {matrix_axes(s.in[0]), matrix_axes(s.in[1])}));
  const ValueId rows = m.Node("Slice", {m.ShapeOf(a), number(-2), number(-1)});
  const ValueId columns = m.Node("Slice", {m.ShapeOf(b), number(-1), number(std::numeric_limits<int64_t>::max())});
  const ValueId g = reshape(s.g, joined({m.Node("Slice", {m.ShapeOf(s.g), zero, batch}), rows, columns}));
  if (s.k == 0) return m.ReduceTo(m.Node("Einsum", {g, b}, {{"equation", std::string("...ij,...kj->...ik")}}), s.in[0]);
  return m.ReshapeTo(m.ReduceTo(m.Node("Einsum", {a, g}, {{"equation", std::string("...ik,...ij->...kj")}}), b), s.in[1]);
}

// The terms of an equation "ij,jk->ik", the result's last; none where the result is not given.
std::vector<std::string> TermsOf(const Node& node) {
  std::string equation(node.attributes.String("equation"));
  std::erase(equation, ' ');
  const size_t arrow = equation.find("->");
  if (arrow == std::string::npos) return {};
  equation.replace(arrow, 2, ",");
  std::vector<std::string> terms;
  for (size_t begin = 0; begin <= equation.size();) {
    const size_t end = std::min(equation.find(',', begin), equation.size());
    terms.push_back(equation.substr(begin, end - begin));
    begin = end + 1;
  }
  return terms;
}

// Whether every term's letters are of another one, too, and there but once: what sums over an input alone, or takes a diagonal, is not.
bool EinsumHasRule(const Node& node) {
  const std::vector<std::string> terms = TermsOf(node);
  if (terms.size() != node.inputs.size() + 1) return false;
  for (size_t i = 0; i < terms.size(); ++i) {
    const bool dots = terms[i].starts_with("...");
    if (dots != terms[0].starts_with("...")) return false;
    for (const char c : terms[i].substr(dots ? 3 : 0)) {
      size_t others = 0;
      for (size_t k = 0; k < terms.size(); ++k) others += k != i && terms[k].find(c) != std::string::npos ? 1 : 0;
      if (c == '.' || others == 0 || std::ranges::count(terms[i], c) != 1) return false;
    }
  }
  return true;
}

// The result's term changes places with the input's.
ValueId EinsumRule(Maker& m, const Step& s) {
  std::vector<std::string> terms = TermsOf(s.node);
  std::swap(terms[s.k], terms.back());
  std::string equation;
  for (size_t i = 0; i + 1 < terms.size(); ++i) equation += (i > 0 ? "," : "") + terms[i];
  std::vector<ValueId> inputs = s.in;
  inputs[s.k] = s.g;
  return m.ReduceTo(m.Node("Einsum", inputs, {{"equation", equation + "->" + terms.back()}}), s.in[s.k]);
}

ValueId GemmRule(Maker& m, const Step& s) {
  const int64_t ta = s.Int("transA", 0) != 0, tb = s.Int("transB", 0) != 0;
  const float alpha = s.node.attributes.Float("alpha", 1), beta = s.node.attributes.Float("beta", 1);
  const auto gemm = [&](ValueId a, ValueId b, int64_t first, int64_t second) {
    return m.Node("Gemm", {a, b}, {{"alpha", alpha}, {"transA", first}, {"transB", second}});
  };
  if (s.k == 2) return m.ReduceTo(m.Mul(s.g, m.Number(beta, s.g)), s.in[2]);
  if (s.k == 0) return ta != 0 ? gemm(s.in[1], s.g, tb, 1) : gemm(s.g, s.in[1], 0, 1 - tb);
  return tb != 0 ? gemm(s.g, s.in[0], 1, ta) : gemm(s.in[0], s.g, 1 - ta, 0);
}

// The reduction again, with the reduced axes as 1.
ValueId Kept(Maker& m, const Step& s) {
  std::vector<ValueId> inputs = {s.in[0]};
  if (s.in.size() > 1) inputs.push_back(s.in[1]);
  return m.Again(s.node, inputs, {{"keepdims", int64_t{1}}});
}

// What a reduction makes of every element, at every element.
ValueId SpreadOut(Maker& m, const Step& s, ValueId reduced) {
  return m.Node("Expand", {m.ReshapeTo(reduced, Kept(m, s)), m.ShapeOf(s.in[0])});
}

// A reduction's gradient goes to every element.
ValueId Spread(Maker& m, const Step& s, bool mean) {
  const ValueId x = s.in[0], kept = Kept(m, s);
  const ValueId g = m.Node("Expand", {m.ReshapeTo(s.g, kept), m.ShapeOf(x)});
  if (!mean) return g;
  const ValueId count = m.Div(m.Node("CastLike", {m.Node("Size", {x}), x}), m.Node("CastLike", {m.Node("Size", {kept}), x}));
  return m.Div(g, count);
}

ValueId SumAlong(Maker& m, const Step& s, ValueId x) {
  const ValueId axes = m.Constant(Tensor::Of<int64_t>({1}, {s.Int("axis", -1)}));
  return m.Node("ReduceSum", {x, axes}, {{"keepdims", int64_t{1}}});
}

ValueId TransposeRule(Maker& m, const Step& s) {
  const auto perm = s.node.attributes.Ints("perm");
  if (perm.empty()) return m.Node("Transpose", {s.g});
  std::vector<int64_t> inverse(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) {
    if (const auto to = static_cast<size_t>(perm[i]); to < inverse.size()) inverse[to] = static_cast<int64_t>(i);
  }
  return m.Node("Transpose", {s.g}, {{"perm", inverse}});
}

// The part of g between the ends of input k - 1 and input k.
ValueId ConcatRule(Maker& m, const Step& s) {
  const int64_t axis = s.Int("axis", 0);
  const auto number = [&](int64_t v) { return m.Constant(Tensor::Of<int64_t>({1}, {v})); };
  std::vector<ValueId> sizes;
  for (ValueId x : s.in) sizes.push_back(m.Node("Gather", {m.ShapeOf(x), number(axis)}));
  const ValueId all = m.Node("Concat", sizes, {{"axis", int64_t{0}}}), which = number(static_cast<int64_t>(s.k));
  const ValueId begin = m.Node("Gather", {m.Node("CumSum", {all, number(0)}, {{"exclusive", int64_t{1}}}), which});
  const ValueId end = m.Node("Gather", {m.Node("CumSum", {all, number(0)}), which});
  return m.Node("Slice", {s.g, begin, end, number(axis)});
}

// With reduction "none" or "add" (HasRule refuses others): what is written over passes nothing on, what is added to all.
ValueId ScatterRule(Maker& m, const Step& s) {
  const int64_t axis = s.Int("axis", 0);
  if (s.k == 1) return kNoValue;
  if (s.k == 2) return m.Node("GatherElements", {s.g, s.in[1]}, {{"axis", axis}});
  if (s.node.attributes.String("reduction", "none") == "add") return s.g;
  return m.Node("ScatterElements", {s.g, s.in[1], m.Filled(0, s.in[2])}, {{"axis", axis}});
}

// Operators whose output elements each are one of input 0's: what they make of the elements' numbers says where from, and each element
// gets the sum of the gradients of where it went.
ValueId PickRule(Maker& m, const Step& s) {
  const ValueId x = s.in[0], all = m.Constant(Tensor::Of<int64_t>({1}, {-1}));
  const ValueId size = m.Node("Size", {x});
  const ValueId numbers = m.Node("Range", {m.Constant(Tensor::Scalar<int64_t>(0)), size, m.Constant(Tensor::Scalar<int64_t>(1))});
  std::vector<ValueId> inputs = s.in;
  inputs[0] = m.ReshapeTo(numbers, x);
  const ValueId from = m.Node("Reshape", {m.Again(s.node, inputs), all}), g = m.Node("Reshape", {s.g, all});
  const ValueId zeros = m.Node("Reshape", {m.Filled(0, x), all});
  return m.ReshapeTo(m.Node("ScatterElements", {zeros, from, g}, {{"axis", int64_t{0}}, {"reduction", std::string("add")}}), x);
}

// As PickRule, of operators that lay zeros between (Pad, Trilu, CenterCropPad): element i has number i + 1, and 0 is nowhere.
ValueId PickOrZeroRule(Maker& m, const Step& s) {
  const ValueId x = s.in[0], all = m.Constant(Tensor::Of<int64_t>({1}, {-1})), one = m.Constant(Tensor::Of<int64_t>({1}, {1}));
  const ValueId size = m.Node("Add", {m.Node("Size", {x}), m.Constant(Tensor::Scalar<int64_t>(1))});
  std::vector<ValueId> inputs = s.in;
  inputs[0] = m.ReshapeTo(m.Node("Range", {m.Constant(Tensor::Scalar<int64_t>(1)), size, m.Constant(Tensor::Scalar<int64_t>(1))}), x);
  if (s.node.op_type == "Pad" && inputs.size() > 2) inputs[2] = kNoValue;  // the padding's own value
  const ValueId from = m.Node("Reshape", {m.Again(s.node, inputs), all}), g = m.Node("Reshape", {s.g, all});
  const ValueId zeros = m.Node("CastLike", {m.Node("ConstantOfShape", {m.Node("Reshape", {size, one})}), s.g});
  const ValueId sums = m.Node("ScatterElements", {zeros, from, g}, {{"axis", int64_t{0}}, {"reduction", std::string("add")}});
  return m.ReshapeTo(m.Node("Slice", {sums, one, m.Constant(Tensor::Of<int64_t>({1}, {INT64_MAX}))}), x);
}

// g where the condition holds, else 0.
ValueId Only(Maker& m, ValueId condition, ValueId g) { return m.Node("Where", {condition, g, m.Number(0, g)}); }

ValueId IsPositive(Maker& m, ValueId x) { return m.Node("Greater", {x, m.Number(0, x)}); }

ValueId Square(Maker& m, ValueId x) { return m.Mul(x, x); }
ValueId Add(Maker& m, ValueId a, ValueId b) { return m.Node("Add", {a, b}); }
ValueId Plus(Maker& m, ValueId a, double b) { return Add(m, a, m.Number(b, a)); }
ValueId Times(Maker& m, double a, ValueId b) { return m.Mul(m.Number(a, b), b); }

// Of equal largest (smallest) elements each gets an equal share. `y` broadcasts to x.
ValueId SharedAmongEqual(Maker& m, const Step& s, ValueId y, ValueId g) {
  const ValueId equal = m.Node("CastLike", {m.Node("Equal", {s.in[0], y}), g});
  return m.Div(m.Mul(equal, g), m.ReduceTo(equal, y));
}

ValueId ExtremeRule(Maker& m, const Step& s) {
  ValueId count = kNoValue;
  for (ValueId in : s.in) {
    const ValueId equal = m.Node("CastLike", {m.Node("Equal", {in, s.y}), s.g});
    count = count == kNoValue ? equal : Add(m, count, equal);
  }
  return m.ReduceTo(Only(m, m.Node("Equal", {s.in[s.k], s.y}), m.Div(s.g, count)), s.in[s.k]);
}

// d/da (a sigmoid(alpha a))
ValueId SwishSlope(Maker& m, ValueId a, float alpha) {
  const ValueId scaled = Times(m, alpha, a), sigmoid = m.Node("Sigmoid", {scaled});
  return m.Mul(sigmoid, Plus(m, m.Mul(scaled, m.Sub(m.Number(1, a), sigmoid)), 1));
}

ValueId GeluRule(Maker& m, const Step& s) {
  const ValueId x = s.in[0];
  if (s.node.attributes.String("approximate", "none") == "tanh") {
    constexpr double kRoot = 0.7978845608028654, kCubic = 0.044715;  // sqrt(2 / pi)
    const ValueId squared = Square(m, x), inner = Times(m, kRoot, m.Mul(x, Plus(m, Times(m, kCubic, squared), 1)));
    const ValueId t = m.Node("Tanh", {inner}), slope = Times(m, kRoot, Plus(m, Times(m, 3 * kCubic, squared), 1));
    return m.Mul(s.g, Times(m, 0.5f, Add(m, Plus(m, t, 1), m.Mul(x, m.Mul(m.Sub(m.Number(1, t), Square(m, t)), slope)))));
  }
  const ValueId cumulative = Times(m, 0.5f, Plus(m, m.Node("Erf", {Times(m, 0.7071067811865476, x)}), 1));  // 1 / sqrt(2)
  const ValueId density = Times(m, 0.3989422804014327, m.Node("Exp", {Times(m, -0.5f, Square(m, x))}));     // 1 / sqrt(2 pi)
  return m.Mul(s.g, Add(m, cumulative, m.Mul(x, density)));
}

ValueId MishRule(Maker& m, const Step& s) {
  const ValueId x = s.in[0], t = m.Node("Tanh", {m.Node("Softplus", {x})});
  return m.Mul(s.g, Add(m, t, m.Mul(x, m.Mul(m.Sub(m.Number(1, t), Square(m, t)), m.Node("Sigmoid", {x})))));
}

ValueId HardSwishRule(Maker& m, const Step& s) {
  const ValueId x = s.in[0], slope = Plus(m, Times(m, 1.0 / 3, x), 0.5f);
  const ValueId up = m.Node("Where", {m.Node("Less", {x, m.Number(3, x)}), slope, m.Number(1, x)});
  return m.Mul(s.g, Only(m, m.Node("Greater", {x, m.Number(-3, x)}), up));
}

ValueId PReluRule(Maker& m, const Step& s) {
  const ValueId x = s.in[0], positive = IsPositive(m, x);
  if (s.k == 0) return m.Node("Where", {positive, s.g, m.Mul(s.g, s.in[1])});
  return m.ReduceTo(m.Node("Where", {positive, m.Number(0, s.g), m.Mul(s.g, x)}), s.in[1]);
}

// 1 / f of x, times g: the inverse functions.
ValueId OverRoot(Maker& m, const Step& s, ValueId squared) { return m.Div(s.g, m.Node("Sqrt", {squared})); }

ValueId SwiGluRule(Maker& m, const Step& s) {
  const float alpha = s.node.attributes.Float("alpha", 1);
  if (s.k == 0) return m.Mul(s.g, m.Mul(s.in[1], SwishSlope(m, s.in[0], alpha)));
  return m.Mul(s.g, m.Mul(s.in[0], m.Node("Sigmoid", {Times(m, alpha, s.in[0])})));
}

ValueId CumSumRule(Maker& m, const Step& s) { return m.Again(s.node, {s.g, s.in[1]}, {{"reverse", int64_t{s.Int("reverse", 0) == 0}}}); }

ValueId WhereRule(Maker& m, const Step& s) {
  if (s.k == 0) return kNoValue;
  const ValueId zero = m.Number(0, s.g);
  return m.ReduceTo(s.k == 1 ? m.Node("Where", {s.in[0], s.g, zero}) : m.Node("Where", {s.in[0], zero, s.g}), s.in[s.k]);
}

struct RuleEntry {
  std::string_view op;
  int since;      // the oldest version that the rule holds for
  size_t inputs;  // input numbers from here on have no gradient (axes, shapes, conditions)
  Rule rule;
};

constexpr size_t kAll = SIZE_MAX;
constexpr RuleEntry kRules[] = {
    {"Identity", 1, 1, [](Maker&, const Step& s) { return s.g; }},
    {"Add", 7, 2, [](Maker& m, const Step& s) { return Unreduced(m, s, s.g); }},
    {"Sub", 7, 2, [](Maker& m, const Step& s) { return Unreduced(m, s, s.k == 0 ? s.g : m.Neg(s.g)); }},
    {"Mul", 7, 2, [](Maker& m, const Step& s) { return Unreduced(m, s, m.Mul(s.g, s.in[1 - s.k])); }},
    {"Div", 7, 2,
     [](Maker& m, const Step& s) {
       const ValueId part = m.Div(s.g, s.in[1]);
       return Unreduced(m, s, s.k == 0 ? part : m.Neg(m.Mul(part, s.y)));
     }},
    {"Pow", 7, 2, PowRule},
    {"Sum", 8, kAll, [](Maker& m, const Step& s) { return Unreduced(m, s, s.g); }},
    {"Neg", 1, 1, [](Maker& m, const Step& s) { return m.Neg(s.g); }},
    {"Abs", 1, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, m.Node("Sign", {s.in[0]})); }},
    {"Reciprocal", 1, 1, [](Maker& m, const Step& s) { return m.Neg(m.Mul(s.g, m.Mul(s.y, s.y))); }},
    {"Exp", 1, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, s.y); }},
    {"Log", 1, 1, [](Maker& m, const Step& s) { return m.Div(s.g, s.in[0]); }},
    {"Sqrt", 1, 1, [](Maker& m, const Step& s) { return m.Div(s.g, m.Mul(m.Number(2, s.y), s.y)); }},
    {"Sin", 1, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, m.Node("Cos", {s.in[0]})); }},
    {"Cos", 1, 1, [](Maker& m, const Step& s) { return m.Neg(m.Mul(s.g, m.Node("Sin", {s.in[0]}))); }},
    {"Tanh", 1, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, m.Sub(m.Number(1, s.y), m.Mul(s.y, s.y))); }},
    {"Sigmoid", 1, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, m.Mul(s.y, m.Sub(m.Number(1, s.y), s.y))); }},
    {"Softplus", 1, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, m.Node("Sigmoid", {s.in[0]})); }},
    {"Erf", 1, 1,
     [](Maker& m, const Step& s) {
       const ValueId bell = m.Node("Exp", {m.Neg(m.Mul(s.in[0], s.in[0]))});
       return m.Mul(s.g, m.Mul(m.Number(1.1283791670955126, bell), bell));  // 2 / sqrt(pi)
     }},
    {"Relu", 1, 1,
     [](Maker& m, const Step& s) {
       const ValueId zero = m.Number(0, s.g);
       return m.Node("Where", {m.Node("Greater", {s.in[0], zero}), s.g, zero});
     }},
    {"LeakyRelu", 6, 1,
     [](Maker& m, const Step& s) {
       return m.Node("Where", {IsPositive(m, s.in[0]), s.g, Times(m, s.node.attributes.Float("alpha", 0.01f), s.g)});
     }},
    {"Elu", 6, 1,
     [](Maker& m, const Step& s) {
       return m.Node("Where", {IsPositive(m, s.in[0]), s.g, m.Mul(s.g, Plus(m, s.y, s.node.attributes.Float("alpha", 1)))});
     }},
    {"Selu", 6, 1,
     [](Maker& m, const Step& s) {
       const float gamma = s.node.attributes.Float("gamma", 1.05070102214813232f), alpha = s.node.attributes.Float("alpha", 1.67326319217681885f);
       return m.Node("Where", {IsPositive(m, s.in[0]), Times(m, gamma, s.g), m.Mul(s.g, Plus(m, s.y, gamma * alpha))});
     }},
    {"Celu", 12, 1,
     [](Maker& m, const Step& s) {
       const ValueId x = s.in[0], bent = m.Node("Exp", {m.Div(x, m.Number(s.node.attributes.Float("alpha", 1), x))});
       return m.Node("Where", {IsPositive(m, x), s.g, m.Mul(s.g, bent)});
     }},
    {"HardSigmoid", 6, 1,
     [](Maker& m, const Step& s) {
       const ValueId inside = m.Node("And", {IsPositive(m, s.y), m.Node("Less", {s.y, m.Number(1, s.y)})});
       return Only(m, inside, Times(m, s.node.attributes.Float("alpha", 0.2f), s.g));
     }},
    {"HardSwish", 14, 1, HardSwishRule},
    {"Mish", 18, 1, MishRule},
    {"Gelu", 20, 1, GeluRule},
    {"Swish", 24, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, SwishSlope(m, s.in[0], s.node.attributes.Float("alpha", 1))); }},
    {"SwiGLU", 28, 2, SwiGluRule},
    {"Softsign", 1, 1, [](Maker& m, const Step& s) { return m.Div(s.g, Square(m, Plus(m, m.Node("Abs", {s.in[0]}), 1))); }},
    {"ThresholdedRelu", 10, 1,
     [](Maker& m, const Step& s) {
       return Only(m, m.Node("Greater", {s.in[0], m.Number(s.node.attributes.Float("alpha", 1), s.in[0])}), s.g);
     }},
    {"Shrink", 9, 1,
     [](Maker& m, const Step& s) {
       const ValueId size = m.Node("Abs", {s.in[0]});
       return Only(m, m.Node("Greater", {size, m.Number(s.node.attributes.Float("lambd", 0.5f), size)}), s.g);
     }},
    {"PRelu", 7, 2, PReluRule},
    {"Clip", 6, 1, [](Maker& m, const Step& s) { return Only(m, m.Node("Equal", {s.in[0], s.y}), s.g); }},
    {"Tan", 7, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, Plus(m, Square(m, s.y), 1)); }},
    {"Asin", 7, 1, [](Maker& m, const Step& s) { return OverRoot(m, s, m.Sub(m.Number(1, s.g), Square(m, s.in[0]))); }},
    {"Acos", 7, 1, [](Maker& m, const Step& s) { return m.Neg(OverRoot(m, s, m.Sub(m.Number(1, s.g), Square(m, s.in[0])))); }},
    {"Atan", 7, 1, [](Maker& m, const Step& s) { return m.Div(s.g, Plus(m, Square(m, s.in[0]), 1)); }},
    {"Sinh", 9, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, m.Node("Cosh", {s.in[0]})); }},
    {"Cosh", 9, 1, [](Maker& m, const Step& s) { return m.Mul(s.g, m.Node("Sinh", {s.in[0]})); }},
    {"Asinh", 9, 1, [](Maker& m, const Step& s) { return OverRoot(m, s, Plus(m, Square(m, s.in[0]), 1)); }},
    {"Acosh", 9, 1, [](Maker& m, const Step& s) { return OverRoot(m, s, Plus(m, Square(m, s.in[0]), -1)); }},
    {"Atanh", 9, 1, [](Maker& m, const Step& s) { return m.Div(s.g, m.Sub(m.Number(1, s.g), Square(m, s.in[0]))); }},
    {"Max", 8, kAll, ExtremeRule},
    {"Min", 8, kAll, ExtremeRule},
    {"Mean", 8, kAll, [](Maker& m, const Step& s) { return Unreduced(m, s, Times(m, 1 / static_cast<double>(s.in.size()), s.g)); }},
    {"Mod", 10, 2,  // y = a - n b with a whole number n
     [](Maker& m, const Step& s) {
       return Unreduced(m, s, s.k == 0 ? s.g : m.Neg(m.Mul(s.g, m.Div(m.Sub(s.in[0], s.y), s.in[1]))));
     }},
    {"MatMul", 1, 2, MatMulRule},
    {"Einsum", 12, kAll, EinsumRule},
    {"Gemm", 7, 3, GemmRule},
    {"ReduceSum", 1, 1, [](Maker& m, const Step& s) { return Spread(m, s, false); }},
    {"ReduceMean", 1, 1, [](Maker& m, const Step& s) { return Spread(m, s, true); }},
    {"ReduceSumSquare", 1, 1, [](Maker& m, const Step& s) { return m.Mul(SpreadOut(m, s, s.g), Times(m, 2, s.in[0])); }},
    {"ReduceL1", 1, 1, [](Maker& m, const Step& s) { return m.Mul(SpreadOut(m, s, s.g), m.Node("Sign", {s.in[0]})); }},
    {"ReduceL2", 1, 1, [](Maker& m, const Step& s) { return m.Mul(SpreadOut(m, s, m.Div(s.g, s.y)), s.in[0]); }},
    {"ReduceLogSum", 1, 1, [](Maker& m, const Step& s) { return SpreadOut(m, s, m.Div(s.g, m.Node("Exp", {s.y}))); }},
    {"ReduceLogSumExp", 1, 1,
     [](Maker& m, const Step& s) {
       return m.Mul(SpreadOut(m, s, s.g), m.Node("Exp", {m.Sub(s.in[0], SpreadOut(m, s, s.y))}));
     }},
    {"ReduceProd", 1, 1, [](Maker& m, const Step& s) { return m.Div(SpreadOut(m, s, m.Mul(s.g, s.y)), s.in[0]); }},
    {"ReduceMax", 1, 1,
     [](Maker& m, const Step& s) { return SharedAmongEqual(m, s, Kept(m, s), m.ReshapeTo(s.g, Kept(m, s))); }},
    {"ReduceMin", 1, 1,
     [](Maker& m, const Step& s) { return SharedAmongEqual(m, s, Kept(m, s), m.ReshapeTo(s.g, Kept(m, s))); }},
    {"GlobalMaxPool", 1, 1, [](Maker& m, const Step& s) { return SharedAmongEqual(m, s, s.y, s.g); }},
    {"GlobalAveragePool", 1, 1,
     [](Maker& m, const Step& s) {
       const ValueId x = s.in[0];
       const ValueId count = m.Div(m.Node("CastLike", {m.Node("Size", {x}), x}), m.Node("CastLike", {m.Node("Size", {s.y}), x}));
       return m.Node("Expand", {m.Div(s.g, count), m.ShapeOf(x)});
     }},
    {"CumSum", 11, 1, CumSumRule},
    {"Softmax", 13, 1, [](Maker& m, const Step& s) { return m.Mul(s.y, m.Sub(s.g, SumAlong(m, s, m.Mul(s.g, s.y)))); }},
    {"LogSoftmax", 13, 1, [](Maker& m, const Step& s) { return m.Sub(s.g, m.Mul(m.Node("Exp", {s.y}), SumAlong(m, s, s.g))); }},
    {"Reshape", 5, 1, [](Maker& m, const Step& s) { return m.ReshapeTo(s.g, s.in[0]); }},
    {"Flatten", 1, 1, [](Maker& m, const Step& s) { return m.ReshapeTo(s.g, s.in[0]); }},
    {"Squeeze", 1, 1, [](Maker& m, const Step& s) { return m.ReshapeTo(s.g, s.in[0]); }},
    {"Unsqueeze", 1, 1, [](Maker& m, const Step& s) { return m.ReshapeTo(s.g, s.in[0]); }},
    {"Transpose", 1, 1, TransposeRule},
    {"Slice", 1, 1, PickRule},
    {"Gather", 1, 1, PickRule},
    {"GatherElements", 11, 1, PickRule},
    {"GatherND", 11, 1, PickRule},
    {"Tile", 6, 1, PickRule},
    {"DepthToSpace", 1, 1, PickRule},
    {"SpaceToDepth", 1, 1, PickRule},
    {"Compress", 9, 1, PickRule},
    {"Pad", 11, 1, PickOrZeroRule},
    {"Trilu", 14, 1, PickOrZeroRule},
    {"CenterCropPad", 18, 1, PickOrZeroRule},
    {"ScatterElements", 11, 3, ScatterRule},
    {"Where", 9, 3, WhereRule},
    {"Concat", 4, kAll, ConcatRule},
    {"Expand", 8, 1, [](Maker& m, const Step& s) { return m.ReduceTo(s.g, s.in[0]); }},
    {"ReduceToShape", 1, 1,
     [](Maker& m, const Step& s) {
       return m.Node("Expand", {s.g, m.ShapeOf(s.in[0])});
     }},
    {"Cast", 6, 1,
     [](Maker& m, const Step& s) {
       return m.Node("CastLike", {s.g, s.in[0]});
     }},
    {"CastLike", 15, 1,
     [](Maker& m, const Step& s) {
       return m.Node("CastLike", {s.g, s.in[0]});
     }},
};

// What never changes when its inputs do a little, or only by jumps: nothing flows back through it.
constexpr std::string_view kFlat[] = {"Shape", "Size",  "Sign", "Greater", "Less", "Equal", "GreaterOrEqual", "LessOrEqual", "Floor",
                                      "Ceil",  "Round", "Not",  "And",     "Or",   "Xor",   "ConstantOfShape"};

// Whether the rule is also one for the node's attributes.
bool HasRule(const RuleEntry& entry, const Node& node) {
  if (entry.rule == EinsumRule) return EinsumHasRule(node);
  const std::string_view reduction = entry.rule == ScatterRule ? node.attributes.String("reduction", "none") : "none";
  return reduction == "none" || reduction == "add";
}

const RuleEntry* FindRule(const Node& node) {
  for (const RuleEntry& entry : kRules) {
    const bool same_domain = node.domain == (entry.op == "ReduceToShape" ? "ai.samoyed" : "");
    if (!same_domain || entry.op != node.op_type || node.since_version < entry.since) continue;
    return HasRule(entry, node) ? &entry : nullptr;
  }
  return nullptr;
}

bool IsFlat(const Node& node) { return node.domain.empty() && std::ranges::find(kFlat, node.op_type) != std::end(kFlat); }

// One Gradient node.
class Expansion {
 public:
  Expansion(Graph& graph, NodeId id) : graph_(graph), id_(id), maker_(graph, graph.node(id).name) {}

  Status Run() {
    SAMOYED_RETURN_IF_ERROR(ReadNames());
    const std::vector<NodeId> path = Path();
    SAMOYED_RETURN_IF_ERROR(CloneForward(path));
    gradient_[Mapped(y_)] = maker_.Filled(1, Mapped(y_));
    for (size_t i = path.size(); i-- > 0;) SAMOYED_RETURN_IF_ERROR(Back(path[i]));
    SAMOYED_RETURN_IF_ERROR(maker_.status());
    const std::vector<ValueId> outputs = graph_.node(id_).outputs;
    graph_.RemoveNode(id_);
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] == kNoValue) continue;
      const ValueId x = Mapped(xs_[i]);
      const auto it = gradient_.find(x);
      const ValueId result = it == gradient_.end() ? maker_.Filled(0, x) : it->second;
      SAMOYED_RETURN_IF_ERROR(maker_.status());
      // The output keeps its name: the last node writes there.
      const ValueId copy = maker_.Node("Identity", {result});
      SAMOYED_RETURN_IF_ERROR(maker_.status());
      Node& last = graph_.mutable_node(graph_.value(copy).producer);
      last.outputs[0] = outputs[i];
      graph_.mutable_value(outputs[i]).producer = last.id;
      graph_.mutable_value(copy).producer = kNoNode;
    }
    return OkStatus();
  }

 private:
  Result<ValueId> Find(std::string_view name) const {
    const ValueId id = graph_.FindValue(name);
    if (id == kNoValue)
      return BadInput("Gradient '", graph_.node(id_).name, "' names a tensor ", Quote(name), " that the graph does not have");
    return id;
  }

  Status ReadNames() {
    const Node& node = graph_.node(id_);
    const auto xs = node.attributes.Strings("xs"), zs = node.attributes.Strings("zs");
    if (xs.empty() || node.outputs.size() > xs.size() || node.inputs.size() != xs.size() + zs.size()) {
      return BadInput("Gradient '", node.name, "': ", xs.size(), " xs and ", zs.size(), " zs do not fit ", node.inputs.size(),
                      " inputs and ", node.outputs.size(), " outputs");
    }
    SAMOYED_ASSIGN_OR_RETURN(y_, Find(node.attributes.String("y")));
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      SAMOYED_ASSIGN_OR_RETURN(const ValueId named, Find(i < xs.size() ? xs[i] : zs[i - xs.size()]));
      if (node.inputs[i] == kNoValue) return BadInput("Gradient '", node.name, "': input ", i, " is missing");
      if (!map_.emplace(named, node.inputs[i]).second) return BadInput("Gradient '", node.name, "' names a tensor twice");
      other_values_ |= named != node.inputs[i];
      if (i < xs.size()) {
        xs_.push_back(named);
        active_.insert(named);
      }
    }
    return OkStatus();
  }

  // The nodes between xs and y, in order; fills active_.
  std::vector<NodeId> Path() {
    std::set<NodeId> needed;
    std::vector<ValueId> open = {y_};
    while (!open.empty()) {
      const ValueId value = open.back();
      open.pop_back();
      const NodeId producer = graph_.value(value).producer;
      if (map_.contains(value) || producer == kNoNode || !needed.insert(producer).second) continue;
      for (ValueId input : graph_.node(producer).inputs) {
        if (input != kNoValue) open.push_back(input);
      }
    }
    std::vector<NodeId> path;
    for (NodeId id : graph_.TopologicalOrder()) {
      if (!needed.contains(id)) continue;
      const Node& node = graph_.node(id);
      // zs alone may matter, too, when y is computed again.
      bool depends = false, follows = false;
      for (ValueId input : node.inputs) {
        depends |= active_.contains(input);
        follows |= map_.contains(input) || follows_.contains(input);
      }
      if (depends || (follows && other_values_)) path.push_back(id);
      for (ValueId output : node.outputs) {
        if (output == kNoValue || map_.contains(output)) continue;
        if (depends) active_.insert(output);
        if (follows) follows_.insert(output);
      }
    }
    return path;
  }

  ValueId Mapped(ValueId value) const {
    const auto it = map_.find(value);
    return it == map_.end() ? value : it->second;
  }
  std::vector<ValueId> MappedInputs(const Node& node) const {
    std::vector<ValueId> out;
    for (ValueId input : node.inputs) out.push_back(input == kNoValue ? kNoValue : Mapped(input));
    return out;
  }

  Status CloneForward(const std::vector<NodeId>& path) {
    for (NodeId id : path) {
      if (!graph_.node(id).bodies.empty()) {
        return Unsupported("Gradient '", graph_.node(id_).name, "': there is no gradient of ", graph_.node(id).op_type,
                           ", which has a body");
      }
      if (!other_values_) continue;
      const std::vector<ValueId> copies = maker_.Clone(graph_.node(id), MappedInputs(graph_.node(id)));
      for (size_t i = 0; i < copies.size(); ++i) {
        if (const ValueId original = graph_.node(id).outputs[i]; original != kNoValue) map_.emplace(original, copies[i]);
      }
    }
    return OkStatus();
  }

  // Hands the gradient of a node's output on to its inputs.
  Status Back(NodeId id) {
    const Node& node = graph_.node(id);  // nodes have stable addresses
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue && gradient_.contains(Mapped(node.outputs[i]))) return NoRule(node);
    }
    const ValueId y = node.outputs.empty() ? kNoValue : node.outputs[0];
    const auto g = y == kNoValue ? gradient_.end() : gradient_.find(Mapped(y));
    if (g == gradient_.end() || IsFlat(node)) return OkStatus();
    Step step = {node, MappedInputs(node), Mapped(y), g->second, 0};
    for (; step.k < node.inputs.size(); ++step.k) {
      if (node.inputs[step.k] == kNoValue || !active_.contains(node.inputs[step.k])) continue;
      const RuleEntry* rule = FindRule(node);
      if (rule == nullptr) return NoRule(node);
      if (step.k >= rule->inputs) continue;
      if (graph_.num_node_slots() > kMaxNodes) return LimitExceeded("the gradients of this model take more than ", kMaxNodes, " nodes");
      const ValueId part = rule->rule(maker_, step);
      SAMOYED_RETURN_IF_ERROR(maker_.status());
      if (part == kNoValue) continue;
      const auto [it, first] = gradient_.emplace(step.in[step.k], part);
      if (!first) it->second = maker_.Node("Add", {it->second, part});
    }
    return OkStatus();
  }

  Status NoRule(const Node& node) const {
    return Unsupported("Gradient '", graph_.node(id_).name, "': there is no gradient of ", node.op_type, " version ", node.since_version,
                       " (node '", node.name, "')");
  }

  Graph& graph_;
  const NodeId id_;
  Maker maker_;
  ValueId y_ = kNoValue;
  std::vector<ValueId> xs_;
  bool other_values_ = false;            // the inputs are not the tensors that xs and zs name
  std::map<ValueId, ValueId> map_;       // a tensor of the graph -> what stands for it
  std::set<ValueId> active_, follows_;   // depends on xs; depends on xs or zs
  std::map<ValueId, ValueId> gradient_;  // of what stands for a tensor
};

}  // namespace

Status ExpandGradients(Graph& graph) {
  const auto is_gradient = [&](NodeId id) {
    return graph.has_node(id) && graph.node(id).domain == "ai.onnx.preview.training" && graph.node(id).op_type == "Gradient";
  };
  int count = 0;
  for (NodeId id = 0; id < graph.num_node_slots(); ++id) count += is_gradient(id);
  if (count == 0) return OkStatus();
  if (count > kMaxGradients) return LimitExceeded("the model has ", count, " Gradient nodes; ", kMaxGradients, " are allowed");
  for (NodeId id : graph.TopologicalOrder()) {
    if (is_gradient(id)) SAMOYED_RETURN_IF_ERROR(Expansion(graph, id).Run());
  }
  return OkStatus();
}

}  // namespace samoyed
