// Layer normalisation and RMS normalisation, as exporters write them that had no operator for them:
//   d = x - mean(x);  y = d / sqrt(mean(d^2) + epsilon) [* scale [+ bias]]    LayerNormalization (opset 17)
//                     y = x / sqrt(mean(x^2) + epsilon) * scale               RMSNormalization (opset 23)
// with means over the last axes that keep them, and epsilon under the root. Ba, Kiros and Hinton, https://arxiv.org/abs/1607.06450;
// Zhang and Sennrich, https://arxiv.org/abs/1910.07467.
#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {
namespace {

constexpr int kLayerNormOpset = 17, kRmsNormOpset = 23;

// The first of the last axes that a mean over constant axes keeps and is over; nullopt for all other nodes.
std::optional<int> FirstAxis(const Graph& graph, const Node* mean) {
  if (mean == nullptr || !Is(*mean, "ReduceMean") || mean->inputs.empty() || !mean->epilogue.empty()) return std::nullopt;
  if (mean->attributes.Int("keepdims", 1) != 1) return std::nullopt;
  const int rank = graph.value(mean->inputs[0]).type.rank();
  if (!graph.value(mean->inputs[0]).type.shape || rank < 1) return std::nullopt;
  std::span<const int64_t> axes = mean->attributes.Ints("axes");
  if (InputOf(*mean, 1) != kNoValue) {
    const Tensor* t = graph.ConstantTensor(mean->inputs[1]);
    if (t == nullptr || t->dtype() != DType::kInt64 || t->rank() != 1) return std::nullopt;
    axes = t->span<int64_t>();
  }
  if (axes.empty() || axes.size() > static_cast<size_t>(rank)) return std::nullopt;
  std::vector<int64_t> sorted;
  for (int64_t axis : axes) {
    if (axis < -rank || axis >= rank) return std::nullopt;
    sorted.push_back(axis < 0 ? axis + rank : axis);
  }
  std::ranges::sort(sorted);
  const auto first = static_cast<int64_t>(rank) - static_cast<int64_t>(sorted.size());
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != first + static_cast<int64_t>(i)) return std::nullopt;
  }
  return static_cast<int>(first);
}

// The value whose square this is, or kNoValue.
ValueId SquareOf(const Graph& graph, const Node* node) {
  if (node == nullptr || node->inputs.size() != 2 || !node->epilogue.empty()) return kNoValue;
  if (Is(*node, "Mul")) return node->inputs[0] == node->inputs[1] ? node->inputs[0] : kNoValue;
  if (!Is(*node, "Pow") || ScalarOf(graph, node->inputs[1]) != 2) return kNoValue;
  return graph.ConstantTensor(node->inputs[1])->rank() <= graph.value(node->inputs[0]).type.rank() ? node->inputs[0] : kNoValue;
}

// `value` = sqrt(mean(of^2) + epsilon), each step with one reader.
struct Deviation {
  ValueId of = kNoValue;
  int axis = 0;
  double epsilon = 0;
};

std::optional<Deviation> DeviationOf(const Graph& graph, ValueId value) {
  const auto step = [&](ValueId id) { return OnlyConsumer(graph, id) == nullptr ? nullptr : ProducerOf(graph, id); };
  const Node* root = step(value);
  if (root == nullptr || !Is(*root, "Sqrt")) return std::nullopt;
  const Node* sum = step(root->inputs[0]);
  if (sum == nullptr || !Is(*sum, "Add") || sum->inputs.size() != 2 || !sum->epilogue.empty()) return std::nullopt;
  const size_t constant = graph.ConstantTensor(sum->inputs[0]) != nullptr ? 0 : 1;
  const auto epsilon = ScalarOf(graph, sum->inputs[constant]);
  const Node* mean = step(sum->inputs[1 - constant]);
  const auto axis = FirstAxis(graph, mean);
  if (!epsilon || !(*epsilon >= 0) || !axis || OnlyConsumer(graph, mean->inputs[0]) == nullptr) return std::nullopt;
  const ValueId of = SquareOf(graph, ProducerOf(graph, mean->inputs[0]));
  if (of == kNoValue || graph.ConstantTensor(sum->inputs[constant])->rank() > graph.value(of).type.rank()) return std::nullopt;
  return Deviation{of, *axis, *epsilon};
}

// The operand of a node with two that is not `known`, where it is a constant with exactly the last axes of x, from `axis` on.
ValueId Parameter(const Graph& graph, const Node* node, std::string_view op, ValueId known, const Type& x, int axis) {
  if (node == nullptr || !Is(*node, op) || node->inputs.size() != 2 || node->inputs[0] == node->inputs[1] || !node->epilogue.empty())
    return kNoValue;
  const ValueId other = node->inputs[node->inputs[0] == known ? 1 : 0];
  const Tensor* t = graph.ConstantTensor(other);
  if (t == nullptr || t->rank() != x.rank() - axis || t->dtype() != x.dtype) return kNoValue;
  for (int i = 0; i < t->rank(); ++i) {
    const Dim& dim = (*x.shape)[static_cast<size_t>(axis + i)];
    if (!dim.known() || dim.value != t->shape()[i]) return kNoValue;
  }
  return other;
}

struct Match {
  ValueId x = kNoValue, scale = kNoValue, bias = kNoValue;
  Deviation deviation;
  NodeId last = kNoNode;
};

// x / s and x * (1 / s): the two operands; kNoValue where the node is neither.
std::pair<ValueId, ValueId> Quotient(const Graph& graph, const Node& node) {
  if (node.inputs.size() != 2 || !node.epilogue.empty()) return {kNoValue, kNoValue};
  if (Is(node, "Div")) return {node.inputs[0], node.inputs[1]};
  if (!Is(node, "Mul")) return {kNoValue, kNoValue};
  for (size_t i = 0; i < 2; ++i) {
    const Node* inverse = OnlyConsumer(graph, node.inputs[i]) == nullptr ? nullptr : ProducerOf(graph, node.inputs[i]);
    if (inverse == nullptr) continue;
    if (Is(*inverse, "Reciprocal")) return {node.inputs[1 - i], inverse->inputs[0]};
    if (Is(*inverse, "Div") && inverse->inputs.size() == 2 && ScalarOf(graph, inverse->inputs[0]) == 1 &&
        graph.ConstantTensor(inverse->inputs[0])->rank() <= graph.value(inverse->inputs[1]).type.rank())
      return {node.inputs[1 - i], inverse->inputs[1]};
  }
  return {kNoValue, kNoValue};
}

// What `node`, a quotient, normalises; with the scale that follows.
std::optional<Match> Find(const Graph& graph, const Node& node) {
  const auto [above, below] = Quotient(graph, node);
  if (above == kNoValue || node.outputs.size() != 1) return std::nullopt;
  const auto deviation = DeviationOf(graph, below);
  if (!deviation || deviation->of != above) return std::nullopt;
  Match m;
  m.x = above;
  m.deviation = *deviation;
  m.last = node.id;
  const Type& type = graph.value(above).type;
  if (!IsFloat(type.dtype) || type.dtype == DType::kDouble) return std::nullopt;  // the operators compute in fp32
  const Node* times = OnlyConsumer(graph, node.outputs[0]);
  m.scale = Parameter(graph, times, "Mul", node.outputs[0], type, deviation->axis);
  if (m.scale != kNoValue) m.last = times->id;
  return m;
}

// True where every reader of d = x - mean belongs to what becomes one node.
bool IsPrivate(const Graph& graph, ValueId d, const Node& quotient) {
  if (graph.IsOutput(d)) return false;
  return std::ranges::all_of(graph.value(d).consumers,
                             [&](NodeId id) { return id == quotient.id || SquareOf(graph, &graph.node(id)) == d; }) &&
         graph.value(d).consumers.size() == 2;
}

bool Replace(Graph& graph, const Match& m, std::string_view op, int since) {
  const int opset = OpsetToAdd(graph, since);
  if (opset == 0 || FindOp("", op) == nullptr) return false;
  const std::string name = graph.node(m.last).name;
  const std::vector<ValueId> old_inputs = graph.node(m.last).inputs;
  const ValueId out = graph.node(m.last).outputs[0];
  graph.RemoveNode(m.last);
  std::vector<ValueId> inputs = {m.x, m.scale};
  if (m.bias != kNoValue) inputs.push_back(m.bias);
  // Negative, as most models have it: it stays right whatever the rank of x is said to be.
  const int64_t axis = m.deviation.axis - graph.value(m.x).type.rank();
  AddStandardNode(graph, op, opset, name, std::move(inputs), out, {{"axis", axis}, {"epsilon", static_cast<float>(m.deviation.epsilon)}});
  for (ValueId id : old_inputs) RemoveUnread(graph, id);
  return true;
}

}  // namespace

Result<int> FuseLayerNorm(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id)) continue;
    const Node& quotient = graph.node(id);
    auto m = Find(graph, quotient);
    if (!m || m->scale == kNoValue) continue;
    const Node* difference = ProducerOf(graph, m->x);
    if (difference == nullptr || !Is(*difference, "Sub") || difference->inputs.size() != 2 || !IsPrivate(graph, m->x, quotient)) continue;
    const ValueId x = difference->inputs[0], mean = difference->inputs[1];
    const Node* average = ProducerOf(graph, mean);
    if (OnlyConsumer(graph, mean) == nullptr || FirstAxis(graph, average) != m->deviation.axis || average->inputs[0] != x) continue;
    // x - mean(x) has the shape of x, whatever is known of it.
    const ValueId scaled = graph.node(m->last).outputs[0];
    const Node* plus = OnlyConsumer(graph, scaled);
    m->bias = Parameter(graph, plus, "Add", scaled, graph.value(m->x).type, m->deviation.axis);
    if (m->bias != kNoValue) m->last = plus->id;
    m->x = x;
    changes += Replace(graph, *m, "LayerNormalization", kLayerNormOpset);
  }
  return changes;
}

Result<int> FuseRmsNorm(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id)) continue;
    const auto m = Find(graph, graph.node(id));
    if (m && m->scale != kNoValue) changes += Replace(graph, *m, "RMSNormalization", kRmsNormOpset);
  }
  return changes;
}

}  // namespace samoyed::passes
