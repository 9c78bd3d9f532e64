// Nodes that hand on their input as it is.
#include <algorithm>
#include <limits>

#include "passes/edit.h"
#include "passes/passes.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

bool IsUnused(const Graph& graph, const Node& node, size_t output) {
  if (output >= node.outputs.size() || node.outputs[output] == kNoValue) return true;
  return graph.value(node.outputs[output]).consumers.empty() && !graph.IsOutput(node.outputs[output]);
}

// True when every element of a constant is `wanted`.
bool AllEqual(const Graph& graph, ValueId id, int64_t wanted) {
  const Tensor* t = id == kNoValue ? nullptr : graph.ConstantTensor(id);
  if (t == nullptr || !IsInteger(t->dtype())) return false;
  const auto values = LoadAll<int64_t>(*t);
  return std::ranges::all_of(values, [&](int64_t v) { return v == wanted; });
}

bool IsInferenceDropout(const Graph& graph, const Node& node) {
  if (!Is(node, "Dropout") || node.since_version < 7) return false;
  const ValueId training = InputOf(node, 2);
  return IsUnused(graph, node, 1) && (training == kNoValue || ScalarOf(graph, training) == 0.0);
}

bool IsIdentityTranspose(const Node& node, const Type& in) {
  if (!Is(node, "Transpose")) return false;
  const auto perm = node.attributes.Ints("perm");
  if (perm.empty()) return in.rank() == 0 || in.rank() == 1;
  return std::ranges::is_sorted(perm) && in.rank() == static_cast<int>(perm.size());
}

bool IsFullSlice(const Graph& graph, const Node& node) {
  return Is(node, "Slice") && (InputOf(node, 4) == kNoValue || AllEqual(graph, node.inputs[4], 1));
}

// Everything along every axis: from 0, to an end beyond any size, whatever the shape.
bool IsWholeSlice(const Graph& graph, const Node& node) {
  if (!IsFullSlice(graph, node) || InputOf(node, 1) == kNoValue || !AllEqual(graph, node.inputs[1], 0) || InputOf(node, 2) == kNoValue)
    return false;
  const Tensor* ends = graph.ConstantTensor(node.inputs[2]);
  if (ends == nullptr || !IsInteger(ends->dtype())) return false;
  return std::ranges::all_of(LoadAll<int64_t>(*ends), [](int64_t end) { return end >= std::numeric_limits<int32_t>::max(); });
}

// What the node makes of its input follows from types alone: the model's declaration of its output is not needed for it. A shape,
// axes or limits that come in at run time may be wrong, and then the node must be there to say so.
bool ShapeIsProven(const Graph& graph, const Node& node, const Type& from) {
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != kNoValue && graph.ConstantTensor(node.inputs[i]) == nullptr) return false;
  }
  // Of symbols an operator's rule makes unknown sizes where it cannot follow, which a declaration then fills in; only of
  // a reshape can a size that is filled in not be another one.
  return from.concrete_shape().has_value() || Is(node, "Reshape");
}

bool IsZeroPad(const Graph& graph, const Node& node) {
  if (!Is(node, "Pad")) return false;
  if (InputOf(node, 1) != kNoValue) return AllEqual(graph, node.inputs[1], 0);
  const auto pads = node.attributes.Ints("pads");
  return !pads.empty() && std::ranges::all_of(pads, [](int64_t p) { return p == 0; });
}

bool IsNoOp(const Graph& graph, const Node& node) {
  const ValueId in = InputOf(node, 0), out = node.outputs[0];
  if (Is(node, "Identity") || IsInferenceDropout(graph, node)) return true;
  if (Is(node, "Concat") && node.inputs.size() == 1) return true;
  const Type& from = graph.value(in).type;
  const Type& to = graph.value(out).type;
  if (!from.is_tensor() || !to.is_tensor() || from.dtype != to.dtype || from.dtype == DType::kUndefined) return false;
  if (Is(node, "Cast") || Is(node, "CastLike")) return true;
  if (IsIdentityTranspose(node, from) || IsZeroPad(graph, node)) return true;
  const bool same = SameShape(from, to);
  if (same && IsWholeSlice(graph, node)) return true;
  return same && ShapeIsProven(graph, node, from) && (node.op->facts.view || Is(node, "Expand") || IsFullSlice(graph, node));
}

}  // namespace

Result<int> RemoveNoOps(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    const Node& node = graph.node(id);
    if (node.op == nullptr || node.outputs.empty() || node.outputs[0] == kNoValue || InputOf(node, 0) == kNoValue) continue;
    if (!node.bodies.empty() || !node.epilogue.empty() || !IsNoOp(graph, node)) continue;
    if (ReplaceNode(graph, id, node.inputs[0])) ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
