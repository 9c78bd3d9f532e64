// GELU, SiLU and HardSwish, as exporters write them that had no operator for them, become the one operator.
//
// All of them are y = a x (g(P(x)) + b) for a function g and a polynomial P: GELU has 0.5 x (erf(x / sqrt 2) + 1) or, with Tanh, P(x) =
// sqrt(2 / pi) (x + 0.044715 x^3); SiLU is x sigmoid(x); HardSwish x clip(x + 3, 0, 6) / 6. Factors stand in many orders, so that the
// polynomial and the product are computed and compared, not the shape of the graph.
// GELU: Hendrycks and Gimpel, https://arxiv.org/abs/1606.08415. HardSwish: Howard et al., https://arxiv.org/abs/1905.02244.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {
namespace {

constexpr int kDegree = 3;
constexpr int kMaxDepth = 8;                         // nodes between x and the function, or from it to the result
constexpr int kMaxVisits = 64;                       // values looked at for one function
using Polynomial = std::array<double, kDegree + 1>;  // coefficients of 1, x, x^2, x^3

// How far a constant of the model may be from the one that is meant: what writing it in the type costs.
double Tolerance(DType dtype) {
  switch (dtype) {
    case DType::kDouble:
      return 1e-12;
    case DType::kFloat:
      return 1e-6;
    case DType::kFloat16:
      return 1e-3;
    default:
      return 8e-3;
  }
}

bool Near(double value, double meant, double tolerance) { return std::abs(value - meant) <= tolerance * std::abs(meant); }

bool Near(const Polynomial& p, const Polynomial& meant, double tolerance) {
  for (size_t i = 0; i < p.size(); ++i) {
    if (!Near(p[i], meant[i], tolerance)) return false;
  }
  return true;
}

class Matcher {
 public:
  Matcher(const Graph& graph, ValueId x) : graph_(graph), x_(x), rank_(graph.value(x).type.rank()) {}

  // A constant of one element that leaves the shape of x as it is.
  std::optional<double> Scalar(ValueId id) const {
    const auto value = ScalarOf(graph_, id);
    if (!value || graph_.ConstantTensor(id)->rank() > std::max(rank_, 0)) return std::nullopt;
    return value;
  }

  // What a value is as a polynomial in x.
  std::optional<Polynomial> PolynomialOf(ValueId id, int depth = 0) {
    if (id == x_) return Polynomial{0, 1, 0, 0};
    if (id == kNoValue || depth > kMaxDepth || ++visits_ > kMaxVisits) return std::nullopt;
    if (graph_.ConstantTensor(id) != nullptr) {
      const auto value = Scalar(id);
      return value ? std::optional(Polynomial{*value, 0, 0, 0}) : std::nullopt;
    }
    const Node* node = ProducerOf(graph_, id);
    if (node == nullptr || node->inputs.size() != 2 || !node->domain.empty() || !node->epilogue.empty()) return std::nullopt;
    const auto is = [&](std::string_view op) { return Is(*node, op); };
    if (!is("Add") && !is("Sub") && !is("Mul") && !is("Div") && !is("Pow")) return std::nullopt;
    const auto a = PolynomialOf(node->inputs[0], depth + 1);
    const auto b = a ? PolynomialOf(node->inputs[1], depth + 1) : std::nullopt;
    if (!b) return std::nullopt;
    if (is("Mul")) return Product(*a, *b);
    Polynomial sum = *a;
    if (is("Add") || is("Sub")) {
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += is("Add") ? (*b)[i] : -(*b)[i];
      return sum;
    }
    if ((*b)[1] != 0 || (*b)[2] != 0 || (*b)[3] != 0 || (*b)[0] == 0) return std::nullopt;  // by a number only
    if (is("Div")) {
      for (double& c : sum) c /= (*b)[0];
      return sum;
    }
    if ((*b)[0] != 2 && (*b)[0] != 3) return std::nullopt;
    auto power = Product(*a, *a);
    return power && (*b)[0] == 3 ? Product(*power, *a) : power;
  }

 private:
  static std::optional<Polynomial> Product(const Polynomial& a, const Polynomial& b) {
    Polynomial out = {};
    for (size_t i = 0; i < a.size(); ++i) {
      for (size_t k = 0; k < b.size(); ++k) {
        if (a[i] == 0 || b[k] == 0) continue;
        if (i + k >= out.size()) return std::nullopt;
        out[i + k] += a[i] * b[k];
      }
    }
    return out;
  }

  const Graph& graph_;
  const ValueId x_;
  const int rank_;
  int visits_ = 0;
};

struct Gate {
  Polynomial argument;   // P
  double offset, scale;  // b and a
};

// Walks from a function's result to a x (g + b). Returns the node that makes it; all values in between have one reader.
const Node* Walk(const Graph& graph, ValueId from, ValueId x, const Gate& gate, double tolerance) {
  Matcher matcher(graph, x);
  bool offset = gate.offset == 0, has_x = false;
  double scale = 1;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const Node* next = OnlyConsumer(graph, from);
    if (next == nullptr || next->inputs.size() != 2 || next->inputs[0] == next->inputs[1] || !next->epilogue.empty()) return nullptr;
    const bool first = next->inputs[0] == from;
    const ValueId other = next->inputs[first ? 1 : 0];
    if (Is(*next, "Add")) {
      const auto value = matcher.Scalar(other);
      if (offset || has_x || scale != 1 || !value || *value != gate.offset) return nullptr;
      offset = true;
    } else if (Is(*next, "Div")) {
      const auto value = matcher.Scalar(other);
      if (!offset || !first || !value || *value == 0) return nullptr;
      scale /= *value;
    } else if (Is(*next, "Mul")) {
      const auto p = matcher.PolynomialOf(other);
      if (!offset || !p || (*p)[2] != 0 || (*p)[3] != 0 || ((*p)[0] != 0) == ((*p)[1] != 0)) return nullptr;
      if ((*p)[1] != 0 && has_x) return nullptr;
      has_x = has_x || (*p)[1] != 0;
      scale *= (*p)[0] + (*p)[1];
    } else {
      return nullptr;
    }
    if (has_x && Near(scale, gate.scale, tolerance)) return next;
    from = next->outputs[0];
  }
  return nullptr;
}

// What x may be: the values from which the function's argument is made.
void Candidates(const Graph& graph, ValueId id, std::vector<ValueId>& out, int depth = 0) {
  if (id == kNoValue || graph.ConstantTensor(id) != nullptr || depth > kMaxDepth || out.size() >= kMaxDepth) return;
  if (std::ranges::find(out, id) == out.end()) out.push_back(id);
  const Node* node = ProducerOf(graph, id);
  if (node == nullptr || node->inputs.size() != 2) return;
  if (!Is(*node, "Add") && !Is(*node, "Sub") && !Is(*node, "Mul") && !Is(*node, "Div") && !Is(*node, "Pow")) return;
  for (ValueId in : node->inputs) Candidates(graph, in, out, depth + 1);
}

struct Found {
  ValueId x = kNoValue;
  NodeId last = kNoNode;
};

// `function` is g. x, the result and all between have one shape and type.
std::optional<Found> Find(const Graph& graph, const Node& function, const Gate& gate) {
  if (function.outputs.empty() || function.outputs[0] == kNoValue || !function.epilogue.empty()) return std::nullopt;
  const ValueId argument = InputOf(function, 0);
  std::vector<ValueId> candidates;
  Candidates(graph, argument, candidates);
  for (ValueId x : candidates) {
    const DType dtype = graph.value(x).type.dtype;
    if (!graph.value(x).type.is_tensor() || !graph.value(x).type.shape || !IsFloat(dtype)) continue;
    const double tolerance = Tolerance(dtype);
    const auto p = Matcher(graph, x).PolynomialOf(argument);
    if (!p || !Near(*p, gate.argument, tolerance)) continue;
    const Node* last = Walk(graph, function.outputs[0], x, gate, tolerance);
    if (last != nullptr) return Found{x, last->id};
  }
  return std::nullopt;
}

// The operator that came with opset `since` in place of all that was found.
bool Replace(Graph& graph, const Found& found, std::string_view op_type, int since, std::vector<Attribute> attributes = {}) {
  const int opset = OpsetToAdd(graph, since);
  if (opset == 0 || FindOp("", op_type) == nullptr) return false;
  const std::string name = graph.node(found.last).name;
  const ValueId out = graph.node(found.last).outputs[0];
  const std::vector<ValueId> inputs = graph.node(found.last).inputs;
  graph.RemoveNode(found.last);
  AddStandardNode(graph, op_type, opset, name, {found.x}, out, std::move(attributes));
  for (ValueId id : inputs) RemoveUnread(graph, id);
  return true;
}

constexpr Gate kErf = {{0, std::numbers::sqrt2 / 2, 0, 0}, 1, 0.5};
// sqrt(2 / pi) and 0.044715 times it.
constexpr double kTanhSlope = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
constexpr Gate kTanh = {{0, kTanhSlope, 0, kTanhSlope * 0.044715}, 1, 0.5};
constexpr Gate kSigmoid = {{0, 1, 0, 0}, 0, 1};
constexpr Gate kClipSix = {{3, 1, 0, 0}, 0, 1.0 / 6};
constexpr Gate kClipOne = {{0.5, 1.0 / 6, 0, 0}, 0, 1};

bool IsClip(const Graph& graph, const Node& node, double high) {
  if (!Is(node, "Clip")) return false;
  const auto bound = [&](size_t input, std::string_view attribute) -> std::optional<double> {
    if (InputOf(node, input) != kNoValue) return ScalarOf(graph, node.inputs[input]);
    return node.attributes.Has(attribute) ? std::optional<double>(node.attributes.Float(attribute)) : std::nullopt;
  };
  return bound(1, "min") == 0 && bound(2, "max") == high;
}

}  // namespace

Result<int> FuseGelu(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id)) continue;
    const Node& node = graph.node(id);
    const bool erf = Is(node, "Erf");
    if (!erf && !Is(node, "Tanh")) continue;
    const auto found = Find(graph, node, erf ? kErf : kTanh);
    if (!found) continue;
    std::vector<Attribute> attributes;
    if (!erf) attributes.push_back({"approximate", std::string("tanh")});
    changes += Replace(graph, *found, "Gelu", 20, std::move(attributes));
  }
  return changes;
}

Result<int> FuseSilu(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id) || !Is(graph.node(id), "Sigmoid")) continue;
    const auto found = Find(graph, graph.node(id), kSigmoid);
    if (found) changes += Replace(graph, *found, "Swish", 24);
  }
  return changes;
}

Result<int> FuseHardSwish(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id)) continue;
    const Node& node = graph.node(id);
    std::optional<Found> found;
    if (Is(node, "HardSigmoid") && Near(node.attributes.Float("alpha", 0.2f), 1.0 / 6, 1e-6) &&
        node.attributes.Float("beta", 0.5f) == 0.5f) {
      found = Find(graph, node, kSigmoid);
    } else if (IsClip(graph, node, 6)) {
      found = Find(graph, node, kClipSix);
    } else if (IsClip(graph, node, 1)) {
      found = Find(graph, node, kClipOne);
    }
    if (found) changes += Replace(graph, *found, "HardSwish", 14);
  }
  return changes;
}

}  // namespace samoyed::passes
