// A Transpose of a Transpose, and a Reshape of anything that only changes the shape, read the first one's input.
#include <algorithm>

#include "passes/edit.h"
#include "passes/passes.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

std::vector<int64_t> PermOf(const Graph& graph, const Node& node) {
  const auto perm = node.attributes.Ints("perm");
  if (!perm.empty()) return {perm.begin(), perm.end()};
  std::vector<int64_t> reversed;
  for (int i = graph.value(node.inputs[0]).type.rank(); i-- > 0;) reversed.push_back(i);
  return reversed;
}

bool MergeTransposes(Graph& graph, NodeId id) {
  const Node& outer = graph.node(id);
  const Node* inner = ProducerOf(graph, InputOf(outer, 0));
  if (!Is(outer, "Transpose") || inner == nullptr || !Is(*inner, "Transpose") || InputOf(*inner, 0) == kNoValue) return false;
  const auto first = PermOf(graph, *inner), second = PermOf(graph, outer);
  if (first.empty() || first.size() != second.size()) return false;
  std::vector<int64_t> both;
  for (int64_t axis : second) {
    if (axis < 0 || static_cast<size_t>(axis) >= first.size()) return false;
    both.push_back(first[static_cast<size_t>(axis)]);
  }
  const ValueId source = inner->inputs[0];
  graph.mutable_node(id).attributes.Set("perm", both);
  graph.SetInput(id, 0, source);
  return true;
}

// The node cannot fail, whatever comes in: merging it into the next would hide its error.
bool CertainlyRuns(const Graph& graph, const Node& view) {
  for (size_t i = 1; i < view.inputs.size(); ++i) {
    if (view.inputs[i] != kNoValue && graph.ConstantTensor(view.inputs[i]) == nullptr) return false;
  }
  const auto before = graph.value(view.inputs[0]).type.concrete_shape(), after = graph.value(view.outputs[0]).type.concrete_shape();
  if (!before || !after) return false;
  const auto from = before->CheckedNumElements(), to = after->CheckedNumElements();
  return from.ok() && to.ok() && *from == *to;
}

bool MergeReshapes(Graph& graph, NodeId id) {
  const Node& outer = graph.node(id);
  const Node* inner = ProducerOf(graph, InputOf(outer, 0));
  if (!Is(outer, "Reshape") || inner == nullptr || inner->op == nullptr || !inner->op->facts.view || InputOf(*inner, 0) == kNoValue)
    return false;
  const Tensor* shape = InputOf(outer, 1) == kNoValue ? nullptr : graph.ConstantTensor(outer.inputs[1]);
  if (shape == nullptr || !IsInteger(shape->dtype())) return false;
  // A 0 copies a dimension of the input, which is another one now.
  const auto dims = LoadAll<int64_t>(*shape);
  if (std::ranges::find(dims, 0) != dims.end()) return false;
  if (!CertainlyRuns(graph, *inner)) return false;
  const Type& before = graph.value(inner->inputs[0]).type;
  const Type& after = graph.value(outer.inputs[0]).type;
  if (!before.is_tensor() || before.dtype != after.dtype) return false;
  graph.SetInput(id, 0, inner->inputs[0]);
  return true;
}

}  // namespace

Result<int> MergeViews(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (MergeTransposes(graph, id) || MergeReshapes(graph, id)) ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
