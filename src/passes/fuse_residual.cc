// op(...) + r, where r has the shape of the result, becomes the operator's epilogue.
#include <algorithm>
#include <climits>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {
namespace {

bool TakesResidual(const Graph& graph, const Node* node) {
  if (node == nullptr || node->op == nullptr || node->schema == nullptr || !node->op->facts.takes_epilogue || !node->epilogue.empty()) return false;
  if (node->schema->max_inputs == INT_MAX || node->outputs.empty() || node->outputs[0] == kNoValue) return false;
  return IsFloat(graph.value(node->outputs[0]).type.dtype);
}

// True when the node of input `side` of the Add can take the other input as its residual. That one cannot depend on the
// node: all that follows the node goes through this Add.
bool FitsAt(const Graph& graph, const Node& add, size_t side) {
  const ValueId own = add.inputs[side], other = add.inputs[1 - side];
  if (own == kNoValue || other == kNoValue || OnlyConsumer(graph, own) == nullptr) return false;
  const Node* node = ProducerOf(graph, own);
  if (!TakesResidual(graph, node) || node->outputs[0] != own) return false;
  const Type& own_type = graph.value(own).type;
  const Type& other_type = graph.value(other).type;
  return !graph.value(other).constant && own_type.dtype == other_type.dtype && SameShape(own_type, other_type);
}

}  // namespace

Result<int> FuseResidual(Graph& graph) {
  int changes = 0;
  const std::vector<NodeId> order = graph.TopologicalOrder();
  std::vector<int> place(static_cast<size_t>(graph.num_node_slots()), 0);
  for (size_t i = 0; i < order.size(); ++i) place[static_cast<size_t>(order[i])] = static_cast<int>(i);
  for (NodeId id : order) {
    const Node& add = graph.node(id);
    if (!Is(add, "Add") || add.inputs.size() != 2 || add.inputs[0] == add.inputs[1] || !add.epilogue.empty()) continue;
    if (!SameShape(graph.value(add.outputs[0]).type, graph.value(add.inputs[0]).type)) continue;
    const bool fits[] = {FitsAt(graph, add, 0), FitsAt(graph, add, 1)};
    if (!fits[0] && !fits[1]) continue;
    // Of two, the one that runs later: the other's result is there by then.
    size_t side = fits[0] ? 0 : 1;
    if (fits[0] && fits[1]) {
      const NodeId first = graph.value(add.inputs[0]).producer, second = graph.value(add.inputs[1]).producer;
      side = place[static_cast<size_t>(first)] > place[static_cast<size_t>(second)] ? 0 : 1;
    }
    const ValueId own = add.inputs[side], residual = add.inputs[1 - side];
    const NodeId producer = graph.value(own).producer;
    if (!ReplaceNode(graph, id, own)) continue;
    Node& node = graph.mutable_node(producer);
    std::vector<ValueId> inputs = node.inputs;
    inputs.resize(static_cast<size_t>(node.schema->max_inputs), kNoValue);
    inputs.push_back(residual);
    node.epilogue.has_residual = true;
    graph.SetInputs(producer, std::move(inputs));
    ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
