// The checker's rules for graphs: what they declare, and the names in them.
#include "base/str.h"
#include "check/findings.h"

namespace samoyed {
namespace {

constexpr int kMaxDepth = 100;  // bodies in bodies; the reader stops before

// The fields that a type must fill; only its outermost level is looked at.
void CheckType(const model::TypeProto& type, const std::string& place, Findings& findings) {
  const auto missing = [&](std::string_view field) {
    findings.Add(place, "the type of a graph's input or output is complete", StrCat("it has no ", field));
  };
  if (const auto* tensor = type.tensor_type ? &*type.tensor_type : type.sparse_tensor_type ? &*type.sparse_tensor_type : nullptr) {
    if (!tensor->elem_type.has()) return missing("element type");
    if (!tensor->shape) missing("shape (a shape without dimensions is a scalar's)");
  } else if (const auto* element = type.sequence_type ? &*type.sequence_type : type.optional_type ? &*type.optional_type : nullptr) {
    if (!element->elem_type) missing("element type");
  } else if (type.map_type) {
    if (!type.map_type->key_type.has()) return missing("key type");
    if (!type.map_type->value_type) missing("value type");
  } else if (type.opaque_type) {
    if (type.opaque_type->name->empty()) missing("name");
  } else {
    missing("kind: neither tensor nor sequence, optional, map");
  }
}

void CheckValueInfo(const model::ValueInfoProto& info, std::string_view kind, const std::string& graph, const CheckScope& scope,
                    Findings& findings) {
  if (info.name->empty()) return findings.Add(graph, StrCat("a graph's ", kind, " has a name"), "one has none");
  if (!scope.main_graph) return;
  const std::string place = StrCat(kind, " '", info.name.get(), "'");
  if (!info.type) return findings.Add(place, "the inputs and outputs of the main graph have types", "it has none");
  CheckType(*info.type, place, findings);
}

void CheckInitializers(const model::GraphProto& graph, const std::string& place, const CheckScope& scope, Names& names,
                       Findings& findings) {
  std::set<std::string> seen;
  for (const auto& t : graph.initializer) {
    if (findings.full()) return;
    if (t.name->empty()) {
      findings.Add(place, "initializers have names", "one has none");
      continue;
    }
    const std::string at = StrCat("initializer '", t.name.get(), "'");
    if (!seen.insert(t.name.get()).second) findings.Add(at, "initializers differ in name", "there are two of this name");
    CheckTensor(t, at, *scope.external, findings);
    if (scope.ir_version <= 3) {
      if (!names.HasOwn(t.name.get()))
        findings.Add(at, "up to IR version 3 an initializer is also an input", "it is none", "declare the input, or raise ir_version to 4");
    } else {
      names.Add(t.name.get());
    }
  }
  for (const auto& s : graph.sparse_initializer) {
    if (findings.full()) return;
    const std::string name = s.values ? s.values->name.get() : std::string();
    const std::string at = StrCat("sparse initializer '", name, "'");
    CheckSparseTensor(s, at, *scope.external, findings);
    if (name.empty()) {
      findings.Add(place, "sparse initializers have names (those of their values)", "one has none");
    } else if (!seen.insert(name).second) {
      findings.Add(at, "initializers differ in name", "there are two of this name");
    }
    names.Add(name);
  }
}

}  // namespace

void CheckGraph(const model::GraphProto& graph, const std::string& place, const CheckScope& scope, const Names* outer, Findings& findings) {
  if (findings.full()) return;
  if (scope.depth > kMaxDepth) return findings.Add(place, StrCat("bodies nest at most ", kMaxDepth, " deep"), "they nest deeper");
  if (graph.name->empty()) findings.Add(place, "a graph has a name", "it has none", "set GraphProto.name");
  for (const auto& info : graph.input) CheckValueInfo(info, "input", place, scope, findings);
  for (const auto& info : graph.output) CheckValueInfo(info, "output", place, scope, findings);
  Names names(outer);
  for (const auto& info : graph.input) {
    if (!info.name->empty() && !names.Add(info.name))
      findings.Add(place, "inputs differ in name", StrCat("'", info.name.get(), "' is there twice"));
  }
  CheckInitializers(graph, place, scope, names, findings);
  CheckNodes(graph.node, "graph", scope, names, findings);
  for (const auto& info : graph.output) {
    if (!info.name->empty() && !names.HasOwn(info.name)) {
      findings.Add(StrCat("output '", info.name.get(), "'"), "an output is a value of its graph",
                   "no node, input or initializer there has this name");
    }
  }
}

}  // namespace samoyed
