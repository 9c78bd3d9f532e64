// Pad with zeros, then Conv: the convolution pads by itself.
#include <algorithm>

#include "passes/edit.h"
#include "passes/passes.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

// What a Pad node adds before ([0, rank)) and after ([rank, 2 rank)) each axis, if it pads with zeros by constant amounts.
std::vector<int64_t> ZeroPads(const Graph& graph, const Node& node) {
  if (!Is(node, "Pad") || node.attributes.String("mode", "constant") != "constant" || InputOf(node, 0) == kNoValue) return {};
  const int rank = graph.value(node.inputs[0]).type.rank();
  if (rank < 3 || InputOf(node, 3) != kNoValue) return {};  // a list of axes: rare, and left alone
  std::vector<int64_t> pads;
  if (node.since_version >= 11) {
    const Tensor* t = InputOf(node, 1) == kNoValue ? nullptr : graph.ConstantTensor(node.inputs[1]);
    if (t == nullptr || !IsInteger(t->dtype())) return {};
    if (InputOf(node, 2) != kNoValue && ScalarOf(graph, node.inputs[2]) != 0.0) return {};
    pads = LoadAll<int64_t>(*t);
  } else {
    const auto attribute = node.attributes.Ints(node.since_version == 1 ? "paddings" : "pads");
    if (node.attributes.Float("value", 0) != 0) return {};
    pads.assign(attribute.begin(), attribute.end());
  }
  if (pads.size() != 2 * static_cast<size_t>(rank)) return {};
  if (std::ranges::any_of(pads, [](int64_t p) { return p < 0 || p > (1 << 20); })) return {};
  const auto r = static_cast<size_t>(rank);
  if (pads[0] != 0 || pads[1] != 0 || pads[r] != 0 || pads[r + 1] != 0) return {};  // batch or channels
  return pads;
}

bool FoldInto(Graph& graph, NodeId conv_id, const std::vector<int64_t>& pads, ValueId source) {
  Node& conv = graph.mutable_node(conv_id);
  if (!Is(conv, "Conv") || conv.attributes.String("auto_pad", "NOTSET") != "NOTSET") return false;
  const size_t spatial = pads.size() / 2 - 2;
  const auto own = conv.attributes.Ints("pads");
  if (!own.empty() && own.size() != 2 * spatial) return false;
  std::vector<int64_t> sum(own.begin(), own.end());
  sum.resize(2 * spatial, 0);
  for (size_t i = 0; i < spatial; ++i) {
    sum[i] += pads[2 + i];
    sum[spatial + i] += pads[spatial + 4 + i];
  }
  conv.attributes.Set("pads", sum);
  graph.SetInput(conv_id, 0, source);
  return true;
}

}  // namespace

Result<int> FoldPad(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    const Node& pad = graph.node(id);
    const auto pads = ZeroPads(graph, pad);
    if (pads.empty() || pad.outputs.empty() || pad.outputs[0] == kNoValue) continue;
    const ValueId padded = pad.outputs[0], source = pad.inputs[0];
    const std::vector<NodeId> readers = graph.value(padded).consumers;
    for (NodeId reader : readers) {
      const Node& conv = graph.node(reader);
      const bool only_as_data = InputOf(conv, 0) == padded && std::ranges::count(conv.inputs, padded) == 1;
      if (only_as_data && FoldInto(graph, reader, pads, source)) ++changes;
    }
  }
  return changes;
}

}  // namespace samoyed::passes
