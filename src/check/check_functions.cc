// The checker's rules for the local functions of a model as a whole.
#include <algorithm>
#include <map>
#include <set>

#include "base/str.h"
#include "check/findings.h"
#include "ops/schema.h"

namespace samoyed {
namespace {

using model::FunctionProto;

constexpr size_t kMaxFunctions = 10000;  // both limits are onnx.checker's
constexpr size_t kMaxCallDepth = 100;

std::string KeyOf(const std::string& domain, const std::string& name, const std::string& overload) {
  return overload.empty() ? StrCat(domain, "::", name) : StrCat(domain, "::", name, ":", overload);
}

using Table = std::map<std::string, const FunctionProto*, std::less<>>;
using Calls = std::map<const FunctionProto*, std::set<const FunctionProto*>>;

void CollectCalls(const std::vector<model::NodeProto>& nodes, const Table& table, std::set<const FunctionProto*>& out) {
  for (const model::NodeProto& node : nodes) {
    if (const auto it = table.find(KeyOf(node.domain, node.op_type, node.overload)); it != table.end()) out.insert(it->second);
    for (const model::AttributeProto& a : node.attribute) {
      if (a.g) CollectCalls(a.g->node, table, out);
      for (const model::GraphProto& g : a.graphs) CollectCalls(g.node, table, out);
    }
  }
}

// Depth first over the calls. `path` holds the functions being visited; it never grows past kMaxCallDepth, so recursion is bounded.
class CallWalker {
 public:
  CallWalker(const Calls& calls, Findings& findings) : calls_(calls), findings_(findings) {}

  // False once something was found: the rest would only repeat it.
  bool Visit(const FunctionProto* f) {
    if (done_.contains(f)) return true;
    const std::string place = StrCat("function '", f->name.get(), "'");
    if (std::ranges::find(path_, f) != path_.end()) {
      findings_.Add(place, "functions do not call themselves, directly or through others",
                    StrCat("a circle of calls through ", path_.size(), " functions"));
      return false;
    }
    if (path_.size() >= kMaxCallDepth) {
      findings_.Add(place, StrCat("calls nest at most ", kMaxCallDepth, " deep"), "a longer chain of calls",
                    "inline some of the functions");
      return false;
    }
    path_.push_back(f);
    for (const FunctionProto* callee : calls_.at(f)) {
      if (!Visit(callee)) return false;
    }
    path_.pop_back();
    done_.insert(f);
    return true;
  }

 private:
  const Calls& calls_;
  Findings& findings_;
  std::vector<const FunctionProto*> path_;
  std::set<const FunctionProto*> done_;
};

using Opsets = std::map<std::string, int64_t, std::less<>>;

// A function may import other versions than its model, but no operator in it may mean something else for it.
void CheckVersions(const FunctionProto& f, const std::string& place, const Opsets& own, const Opsets& models, Findings& findings) {
  for (const model::NodeProto& node : f.node) {
    const std::string domain = node.domain.get() == "ai.onnx" ? std::string() : node.domain.get();
    const auto mine = own.find(domain), theirs = models.find(domain);
    if (mine == own.end()) {
      findings.Add(place, "a function imports the domains of its operators",
                   StrCat("no opset_import for domain '", domain, "' of ", node.op_type.get()));
      continue;
    }
    if (theirs == models.end() || mine->second == theirs->second) continue;
    const OpSchema* a = FindSchema(domain, node.op_type.get(), mine->second);
    const OpSchema* b = FindSchema(domain, node.op_type.get(), theirs->second);
    if (a == b || (a != nullptr && b != nullptr && a->since_version == b->since_version)) continue;
    findings.Add(place, "an operator means the same by the function's opset and by the model's",
                 StrCat(node.op_type.get(), " differs between versions ", mine->second, " and ", theirs->second),
                 "import the model's version in the function");
  }
}

void CheckBody(const FunctionProto& f, const std::string& place, CheckScope scope, Findings& findings) {
  Opsets opsets;
  for (const auto& import : f.opset_import) {
    CheckOpsetRange(import, place, findings);
    opsets[import.domain.get() == "ai.onnx" ? std::string() : import.domain.get()] = import.version;
  }
  CheckVersions(f, place, opsets, *scope.opsets, findings);
  scope.opsets = &opsets;
  scope.main_graph = false;
  Names names;
  for (const std::string& input : f.input) {
    if (!names.Add(input)) findings.Add(place, "inputs differ in name", StrCat("'", input, "' is there twice"));
  }
  std::set<std::string> seen;
  for (const std::string& output : f.output) {
    if (!seen.insert(output).second) findings.Add(place, "outputs differ in name", StrCat("'", output, "' is there twice"));
  }
  std::set<std::string> attributes;
  const auto twice = [&](const std::string& name) {
    if (!attributes.insert(name).second) findings.Add(place, "attributes differ in name", StrCat("'", name, "' is there twice"));
  };
  for (const std::string& name : f.attribute) twice(name);
  for (const auto& a : f.attribute_proto) twice(a.name);
  CheckNodes(f.node, "function", scope, names, findings);
}

}  // namespace

void CheckFunctionBodies(const model::ModelProto& model, const CheckScope& scope, Findings& findings) {
  for (const FunctionProto& f : model.functions) {
    if (findings.full()) return;
    const std::string place = StrCat("function '", f.name.get(), "'");
    if (f.name->empty()) {
      findings.Add("model", "functions have names", "one has none");
    } else if (!f.domain.has()) {
      findings.Add(place, "a function has a domain", "it has none");
    } else {
      CheckBody(f, place, scope, findings);
    }
  }
}

void CheckFunctionCalls(const model::ModelProto& model, Findings& findings) {
  if (model.functions.size() > kMaxFunctions) {
    return findings.Add("model", StrCat("a model has at most ", kMaxFunctions, " functions"), StrCat(model.functions.size()));
  }
  Table table;
  for (const FunctionProto& f : model.functions) {
    const std::string key = KeyOf(f.domain, f.name, f.overload);
    if (!table.emplace(key, &f).second)
      findings.Add(StrCat("function '", key, "'"), "domain, name and overload of functions differ", "there are two of them",
                   "give one another overload");
  }
  Calls calls;
  for (const auto& [key, f] : table) CollectCalls(f->node, table, calls[f]);
  CallWalker walker(calls, findings);
  for (const auto& [key, f] : table) {
    if (!walker.Visit(f)) return;
  }
}

}  // namespace samoyed
