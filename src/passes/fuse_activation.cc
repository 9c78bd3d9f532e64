// An activation after an operator that can apply one to its result becomes the operator's epilogue.
#include <limits>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {
namespace {

// A bound of a Clip: its input where it has one, else its attribute (old versions), else none.
std::optional<double> Bound(const Graph& graph, const Node& node, size_t input, std::string_view attribute, double none) {
  const ValueId id = InputOf(node, input);
  if (id != kNoValue) return ScalarOf(graph, id);
  return node.attributes.Has(attribute) ? node.attributes.Float(attribute) : none;
}

// The activation that a node is, with its parameters, where those are constant.
std::optional<Epilogue> ActivationOf(const Graph& graph, const Node& node) {
  if (node.op == nullptr || !node.epilogue.empty()) return std::nullopt;
  Epilogue e;
  e.activation = node.op->facts.activation;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (e.activation) {
    case Activation::kNone:
      return std::nullopt;
    case Activation::kClip: {
      const auto low = Bound(graph, node, 1, "min", -kInfinity), high = Bound(graph, node, 2, "max", kInfinity);
      if (!low || !high) return std::nullopt;
      e.alpha = static_cast<float>(*low);
      e.beta = static_cast<float>(*high);
      return e;
    }
    case Activation::kLeakyRelu:
      e.alpha = node.attributes.Float("alpha", 0.01f);
      return e;
    case Activation::kElu:
      e.alpha = node.attributes.Float("alpha", 1);
      return e;
    case Activation::kHardSigmoid:
      e.alpha = node.attributes.Float("alpha", 0.2f);
      e.beta = node.attributes.Float("beta", 0.5f);
      return e;
    case Activation::kSilu:
      if (node.attributes.Float("alpha", 1) != 1) return std::nullopt;
      return e;
    case Activation::kGelu:
    case Activation::kGeluTanh:
      e.activation = node.attributes.String("approximate", "none") == "tanh" ? Activation::kGeluTanh : Activation::kGelu;
      return e;
    default:
      return e;
  }
}

}  // namespace

Result<int> FuseActivation(Graph& graph) {
  int changes = 0;
  for (NodeId id : graph.TopologicalOrder()) {
    if (!graph.has_node(id)) continue;
    const Node& node = graph.node(id);
    if (node.op == nullptr || !node.op->facts.takes_epilogue || node.epilogue.activation != Activation::kNone) continue;
    if (node.outputs.empty() || node.outputs[0] == kNoValue || !IsFloat(graph.value(node.outputs[0]).type.dtype)) continue;
    const Node* next = OnlyConsumer(graph, node.outputs[0]);
    if (next == nullptr || InputOf(*next, 0) != node.outputs[0] || next->outputs.size() != 1) continue;
    const auto activation = ActivationOf(graph, *next);
    if (!activation) continue;
    if (!ReplaceNode(graph, next->id, node.outputs[0])) continue;
    Epilogue& epilogue = graph.mutable_node(id).epilogue;
    epilogue.activation = activation->activation;
    epilogue.alpha = activation->alpha;
    epilogue.beta = activation->beta;
    ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
