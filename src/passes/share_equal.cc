// Common subexpressions: of nodes that compute the same from the same values, one is enough.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <variant>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {
namespace {

constexpr int64_t kSmallBytes = 1024;  // larger constants are not compared

void AppendRaw(std::string& key, const void* data, size_t bytes) { key.append(static_cast<const char*>(data), bytes); }

// False where the tensor is not worth comparing.
bool AppendTensor(std::string& key, const Tensor& t) {
  if (t.dtype() == DType::kString || t.byte_size() > kSmallBytes) return false;
  key += StrCat("T", NameOf(t.dtype()), t.shape().ToString(), ":");
  if (t.byte_size() > 0) AppendRaw(key, t.raw(), static_cast<size_t>(t.byte_size()));
  return true;
}

bool AppendAttribute(std::string& key, const Attribute& attribute) {
  key += StrCat("|", attribute.name, "=", static_cast<uint64_t>(attribute.value.index()), ":");
  return std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, float> || std::is_same_v<T, int64_t>) {
          AppendRaw(key, &v, sizeof(v));
        } else if constexpr (std::is_same_v<T, std::string>) {
          key += StrCat(v.size(), ":", v);
        } else if constexpr (std::is_same_v<T, std::vector<float>> || std::is_same_v<T, std::vector<int64_t>>) {
          key += StrCat(v.size(), ":");
          AppendRaw(key, v.data(), v.size() * sizeof(v[0]));
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          for (const std::string& s : v) key += StrCat(s.size(), ":", s);
        } else if constexpr (std::is_same_v<T, Tensor>) {
          return AppendTensor(key, v);
        } else {
          return false;
        }
        return true;
      },
      attribute.value);
}

// Text that is equal for nodes that compute the same; empty where the node must stay.
std::string KeyOf(const Graph& graph, const Node& node) {
  if (node.op == nullptr || !node.bodies.empty() || !node.op->facts.deterministic || node.op->facts.side_effects) return {};
  if (node.outputs.empty() || !node.epilogue.empty()) return {};
  std::string key = StrCat(node.domain, ".", node.op_type, ".", node.since_version, "(");
  for (ValueId id : node.inputs) {
    std::string constant;
    const Tensor* t = id == kNoValue ? nullptr : graph.ConstantTensor(id);
    key += t != nullptr && AppendTensor(constant, *t) ? StrCat(constant, ",") : StrCat("#", id, ",");
  }
  key += StrCat(")", node.outputs.size());
  for (ValueId id : node.outputs) key += id == kNoValue ? '0' : '1';
  std::vector<const Attribute*> attributes;
  for (const Attribute& a : node.attributes.list()) attributes.push_back(&a);
  std::ranges::sort(attributes, {}, [](const Attribute* a) { return std::string_view(a->name); });
  for (const Attribute* a : attributes) {
    if (!AppendAttribute(key, *a)) return {};
  }
  return key;
}

}  // namespace

Result<int> ShareEqual(Graph& graph) {
  int changes = 0;
  std::map<std::string, NodeId> seen;
  for (NodeId id : graph.TopologicalOrder()) {
    const std::string key = KeyOf(graph, graph.node(id));
    if (key.empty()) continue;
    const auto [it, is_new] = seen.emplace(key, id);
    if (is_new) continue;
    const std::vector<ValueId> outputs = graph.node(id).outputs;
    if (std::ranges::any_of(outputs, [&](ValueId out) { return out != kNoValue && graph.IsOutput(out); })) continue;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] != kNoValue) graph.ReplaceUses(outputs[i], graph.node(it->second).outputs[i]);
    }
    graph.RemoveNode(id);
    ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
