// Nodes whose inputs are all constants are computed once, with the reference kernels.
#include <algorithm>
#include <variant>

#include "base/interrupt.h"
#include "check/evaluate.h"
#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {
namespace {

// A result may be this much larger than what it is made from (four-bit weights become float32), and a little
// more where that is small. Anything bigger (Expand, Tile, ConstantOfShape) is cheaper to make in each run.
constexpr int64_t kGrowth = 8;
constexpr int64_t kAlwaysAllowed = 256 << 10;
// All results together may take this much, and kGrowth times the constants that the model brings: many nodes that each
// grow a little must not fill a small device.
constexpr int64_t kTogetherAllowed = 64 << 20;
// For a file the result may be no larger than what it is made from, but for what is small anyway.
constexpr int64_t kAlwaysAllowedInFile = 4 << 10;
constexpr double kMaxFlops = 5e8;  // about a second of a reference kernel

bool MayFold(const Graph& graph, const Node& node) {
  if (node.op == nullptr || node.op->run == nullptr || !node.bodies.empty() || !node.epilogue.empty()) return false;
  const OpFacts& facts = node.op->facts;
  if (!facts.deterministic || facts.side_effects) return false;
  // Other runtimes find quantised operators by what stands around them.
  if (graph.for_file && (node.op_type == "DequantizeLinear" || node.op_type == "QuantizeLinear")) return false;
  return std::ranges::all_of(node.inputs, [&](ValueId id) { return id == kNoValue || graph.value(id).constant.has_value(); });
}

int64_t LargestResult(const Graph& graph, int64_t bytes) {
  return graph.for_file ? std::max(kAlwaysAllowedInFile, bytes) : std::max(kAlwaysAllowed, kGrowth * bytes);
}

int64_t BytesOf(const Value& value) { return value.is_tensor() ? value.tensor().byte_size() : 0; }

double FlopsOf(const Graph& graph, const Node& node) {
  if (node.op->flops == nullptr) return 0;
  std::vector<Shape> inputs, outputs;
  for (ValueId id : node.inputs) {
    const Tensor* t = id == kNoValue ? nullptr : graph.ConstantTensor(id);
    inputs.push_back(t != nullptr ? t->shape() : Shape());
  }
  for (ValueId id : node.outputs) {
    const auto shape = id == kNoValue ? std::nullopt : graph.value(id).type.concrete_shape();
    if (id != kNoValue && !shape) return 2 * kMaxFlops;  // unknown: too much
    outputs.push_back(shape ? *shape : Shape());
  }
  return node.op->flops(node.attributes, inputs, outputs);
}

int64_t FoldingBudget(const Graph& graph) {
  int64_t given = 0;
  for (ValueId id = 0; id < graph.num_values(); ++id) {
    if (const Tensor* constant = graph.ConstantTensor(id)) given += constant->byte_size();
  }
  return kTogetherAllowed + kGrowth * given;
}

}  // namespace

Result<int> FoldConstants(Graph& graph) {
  int changes = 0;
  if (!graph.folding_left) graph.folding_left = FoldingBudget(graph);
  int64_t& left = *graph.folding_left;
  for (NodeId id : graph.TopologicalOrder()) {
    SAMOYED_RETURN_IF_ERROR(PollInterrupt());
    const Node& node = graph.node(id);
    if (!MayFold(graph, node) || FlopsOf(graph, node) > kMaxFlops) continue;
    std::vector<const Value*> inputs;
    int64_t bytes = 0;
    for (ValueId in : node.inputs) {
      inputs.push_back(in == kNoValue ? nullptr : &*graph.value(in).constant);
      if (in != kNoValue) bytes += BytesOf(*graph.value(in).constant);
    }
    for (const Attribute& attribute : node.attributes.list()) {
      if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) bytes += tensor->byte_size();
    }
    auto outputs = Evaluate(node, inputs, std::min(left, LargestResult(graph, bytes)));
    if (!outputs.ok()) continue;  // the node stays, and says in a run what is wrong
    const std::vector<ValueId> ids = node.outputs;
    const bool plain = std::ranges::all_of(ids, [&, i = size_t{0}](ValueId out) mutable {
      const Value& made = (*outputs)[i++];
      return out == kNoValue || made.is_tensor();
    });
    if (!plain) continue;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == kNoValue) continue;
      Value& made = (*outputs)[i];
      left -= made.tensor().byte_size();
      graph.mutable_value(ids[i]).type = Type::TensorOf(made.tensor().dtype(), made.tensor().shape());
      graph.MakeConstant(ids[i], std::move(made));
    }
    graph.RemoveNode(id);
    ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
