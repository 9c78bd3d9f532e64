// An If whose condition is known becomes the nodes of the branch that it takes.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "passes/edit.h"
#include "passes/passes.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

// The body's outputs must be able to take the place of the If's: a graph output needs a value of its own.
bool CanInline(const Graph& graph, const Node& node, const Graph& body) {
  if (body.outputs.size() < node.outputs.size() || !body.inputs.empty()) return false;
  std::set<ValueId> seen;
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue || !graph.IsOutput(node.outputs[i])) continue;
    if (body.value(body.outputs[i]).producer == kNoNode || !seen.insert(body.outputs[i]).second) return false;
  }
  return true;
}

void Inline(Graph& graph, NodeId id, Graph& body) {
  std::map<ValueId, ValueId> outer{{kNoValue, kNoValue}};
  for (const Graph::Capture& capture : body.captures) outer[capture.inner] = capture.outer;
  for (ValueId v = 0; v < body.num_values(); ++v) {
    if (outer.contains(v)) continue;
    const GraphValue& value = body.value(v);
    if (value.constant) {
      outer[v] = graph.AddConstant(value.name, *value.constant);
    } else {
      outer[v] = graph.AddValue(value.name, value.type);
    }
  }
  auto mapped = [&](const std::vector<ValueId>& ids) {
    std::vector<ValueId> out;
    for (ValueId v : ids) out.push_back(outer.at(v));
    return out;
  };
  for (NodeId inner : body.TopologicalOrder()) {
    Node node = std::move(body.mutable_node(inner));
    node.name = graph.UniqueName(node.name);
    node.inputs = mapped(node.inputs);
    node.outputs = mapped(node.outputs);
    node.captures = mapped(node.captures);
    for (auto& nested : node.bodies) {
      for (Graph::Capture& capture : nested->captures) capture.outer = outer.at(capture.outer);
    }
    graph.AddNode(std::move(node));
  }
  const std::vector<ValueId> outputs = graph.node(id).outputs;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i] != kNoValue) graph.ReplaceUses(outputs[i], outer.at(body.outputs[i]));
  }
  graph.RemoveNode(id);
}

}  // namespace

Result<int> InlineIf(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    const Node& node = graph.node(id);
    if (!Is(node, "If") || InputOf(node, 0) == kNoValue) continue;
    const auto condition = ScalarOf(graph, node.inputs[0]);
    const BodyRef* branch = condition ? node.attributes.Body(*condition != 0 ? "then_branch" : "else_branch") : nullptr;
    if (branch == nullptr || branch->index < 0 || static_cast<size_t>(branch->index) >= node.bodies.size()) continue;
    if (!CanInline(graph, node, *node.bodies[static_cast<size_t>(branch->index)])) continue;
    const std::unique_ptr<Graph> body = std::move(graph.mutable_node(id).bodies[static_cast<size_t>(branch->index)]);
    graph.mutable_node(id).bodies[static_cast<size_t>(branch->index)] = std::make_unique<Graph>();
    Inline(graph, id, *body);
    ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
