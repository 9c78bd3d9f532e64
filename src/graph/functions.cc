#include "graph/functions.h"

#include <algorithm>

namespace samoyed {
namespace {

std::string Canonical(const std::string& domain) { return domain == "ai.onnx" ? std::string() : domain; }

}  // namespace

FunctionTable::FunctionTable(const model::ModelProto& model) {
  for (const model::FunctionProto& f : model.functions) functions_.emplace(Key(Canonical(f.domain), f.name, f.overload), &f);
}

const model::FunctionProto* FunctionTable::Find(const model::NodeProto& node) const {
  if (functions_.empty()) return nullptr;
  const auto it = functions_.find(Key(Canonical(node.domain), node.op_type, node.overload));
  return it == functions_.end() ? nullptr : it->second;
}

// Counts with memory: each function once, so that a small model that expands to 2^40 nodes is seen through at once.
struct FunctionTable::Counter {
  const FunctionTable& table;
  int64_t limit;
  int max_depth;
  std::map<const model::FunctionProto*, int64_t> known;
  std::vector<const model::FunctionProto*> open;  // being counted: meeting one again is a circle

  Result<int64_t> OfNodes(const std::vector<model::NodeProto>& nodes, int depth) {
    if (depth > max_depth) return LimitExceeded("bodies and functions nest deeper than ", max_depth);
    int64_t total = 0;
    for (const model::NodeProto& node : nodes) {
      int64_t count = 1;
      if (const model::FunctionProto* f = table.Find(node)) {
        SAMOYED_ASSIGN_OR_RETURN(count, OfFunction(*f, depth + 1));
      }
      for (const model::AttributeProto& a : node.attribute) {
        if (a.g) {
          SAMOYED_ASSIGN_OR_RETURN(const int64_t body, OfNodes(a.g->node, depth + 1));
          count += body;
        }
        for (const model::GraphProto& g : a.graphs) {
          SAMOYED_ASSIGN_OR_RETURN(const int64_t body, OfNodes(g.node, depth + 1));
          count += body;
        }
      }
      total += count;
      if (total > limit) return LimitExceeded("the model has more than ", limit, " nodes when its functions are inlined");
    }
    return total;
  }

  Result<int64_t> OfFunction(const model::FunctionProto& f, int depth) {
    if (const auto it = known.find(&f); it != known.end()) return it->second;
    if (std::ranges::find(open, &f) != open.end()) return BadInput("function '", f.name.get(), "' calls itself");
    open.push_back(&f);
    SAMOYED_ASSIGN_OR_RETURN(const int64_t count, OfNodes(f.node, depth));
    open.pop_back();
    known[&f] = count + 1;
    return count + 1;
  }
};

Result<int64_t> FunctionTable::CountExpanded(const model::GraphProto& graph, int64_t limit, int max_depth) const {
  Counter counter{*this, limit, max_depth, {}, {}};
  return counter.OfNodes(graph.node, 0);
}

}  // namespace samoyed
