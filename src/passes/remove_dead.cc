// Nodes whose outputs nobody reads.
#include <algorithm>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {

Result<int> RemoveDead(Graph& graph) {
  int changes = 0;
  std::vector<NodeId> order = graph.TopologicalOrder();
  std::ranges::reverse(order);  // readers first, so that one sweep is enough
  for (NodeId id : order) {
    const Node& node = graph.node(id);
    if (node.op == nullptr || node.op->facts.side_effects) continue;
    const bool needed = std::ranges::any_of(
        node.outputs, [&](ValueId out) { return out != kNoValue && (graph.IsOutput(out) || !graph.value(out).consumers.empty()); });
    if (needed) continue;
    graph.RemoveNode(id);
    ++changes;
  }
  // Constants that nobody reads any more let go of their memory.
  for (ValueId id = 0; id < graph.num_values(); ++id) {
    GraphValue& value = graph.mutable_value(id);
    if (!value.constant || !value.consumers.empty() || graph.IsOutput(id)) continue;
    if (std::ranges::find(graph.overridable, id) != graph.overridable.end()) continue;
    value.constant.reset();
  }
  return changes;
}

}  // namespace samoyed::passes
