#include "passes/edit.h"

#include <algorithm>
#include <utility>

#include "tensor/convert.h"

namespace samoyed::passes {

std::vector<NodeId> LiveNodes(const Graph& graph) {
  std::vector<NodeId> ids;
  for (NodeId id = 0; id < graph.num_node_slots(); ++id) {
    if (graph.has_node(id)) ids.push_back(id);
  }
  return ids;
}

bool Is(const Node& node, std::string_view op_type) { return node.domain.empty() && node.op_type == op_type && node.op != nullptr; }

ValueId InputOf(const Node& node, size_t i) { return i < node.inputs.size() ? node.inputs[i] : kNoValue; }

const Node* ProducerOf(const Graph& graph, ValueId value) {
  if (value == kNoValue) return nullptr;
  const NodeId id = graph.value(value).producer;
  return id == kNoNode ? nullptr : &graph.node(id);
}

const Node* OnlyConsumer(const Graph& graph, ValueId value) {
  if (value == kNoValue || graph.IsOutput(value) || graph.value(value).consumers.size() != 1) return nullptr;
  const Node& node = graph.node(graph.value(value).consumers[0]);
  return std::ranges::find(node.captures, value) == node.captures.end() ? &node : nullptr;
}

std::optional<double> ScalarOf(const Graph& graph, ValueId value) {
  const Tensor* t = value == kNoValue ? nullptr : graph.ConstantTensor(value);
  if (t == nullptr || t->size() != 1) return std::nullopt;
  const DTypeClass kind = ClassOf(t->dtype());
  if (kind == DTypeClass::kNone || kind == DTypeClass::kString || kind == DTypeClass::kComplex) return std::nullopt;
  return At<double>(*t);
}

bool SameShape(const Type& a, const Type& b) {
  if (!a.shape || !b.shape || a.rank() != b.rank()) return false;
  for (size_t i = 0; i < a.shape->size(); ++i) {
    if (!(*a.shape)[i].SameAs((*b.shape)[i])) return false;
  }
  return true;
}

bool ReplaceNode(Graph& graph, NodeId node, ValueId with) {
  const ValueId out = graph.node(node).outputs[0];
  if (graph.IsOutput(out) && (graph.value(with).producer == kNoNode || graph.IsOutput(with))) return false;
  if (!graph.ReplaceUses(out, with)) return false;
  graph.RemoveNode(node);
  return true;
}

NodeId AddOperatorNode(Graph& graph, std::string_view domain, std::string_view op_type, int opset, std::string_view name,
                       std::vector<ValueId> inputs, std::vector<ValueId> outputs, std::vector<Attribute> attributes) {
  Node node;
  node.op = FindOp(domain, op_type);
  node.schema = FindSchema(domain, op_type, opset);
  if (node.op == nullptr || node.op->run == nullptr || node.schema == nullptr) return kNoNode;
  if (!domain.empty()) graph.opset_imports.emplace(std::string(domain), opset);
  node.name = graph.UniqueName(name);
  node.domain = domain;
  node.op_type = op_type;
  node.since_version = node.schema->since_version;
  node.attributes = Attributes(std::move(attributes), node.schema);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return graph.AddNode(std::move(node));
}

NodeId AddStandardNode(Graph& graph, std::string_view op_type, int opset, std::string_view name, std::vector<ValueId> inputs,
                       ValueId output, std::vector<Attribute> attributes) {
  return AddOperatorNode(graph, "", op_type, opset, name, std::move(inputs), {output}, std::move(attributes));
}

int OpsetToAdd(const Graph& graph, int since) {
  if (!graph.for_file) return LatestOpset("");
  const auto import = graph.opset_imports.find("");
  if (import == graph.opset_imports.end() || import->second < since) return 0;
  return static_cast<int>(std::min<int64_t>(import->second, LatestOpset("")));
}

void RemoveUnread(Graph& graph, ValueId value) {
  std::vector<ValueId> left = {value};
  while (!left.empty()) {
    const ValueId id = left.back();
    left.pop_back();
    if (id == kNoValue || graph.IsOutput(id) || !graph.value(id).consumers.empty()) continue;
    const Node* node = ProducerOf(graph, id);
    if (node == nullptr || node->outputs.size() != 1 || !node->bodies.empty() || node->op == nullptr || node->op->facts.side_effects)
      continue;
    left.insert(left.end(), node->inputs.begin(), node->inputs.end());
    graph.RemoveNode(node->id);
  }
}

}  // namespace samoyed::passes
