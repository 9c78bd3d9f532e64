// Where the checker's parts put what they find.
#ifndef SAMOYED_CHECK_FINDINGS_H_
#define SAMOYED_CHECK_FINDINGS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check/checker.h"
#include "wire/external_data.h"

namespace samoyed {

class Findings {
 public:
  explicit Findings(size_t limit) : limit_(limit) {}

  void Add(std::string place, std::string rule, std::string found, std::string advice = {}) {
    if (!full()) list_.push_back({std::move(place), std::move(rule), std::move(found), std::move(advice)});
  }
  bool full() const { return list_.size() >= limit_; }
  bool empty() const { return list_.empty(); }
  std::vector<Finding> Take() { return std::move(list_); }

 private:
  size_t limit_;
  std::vector<Finding> list_;
};

// Data of tensors: one field, the right one, as many elements as the shape asks for; external data where it may lie.
void CheckTensor(const model::TensorProto& tensor, const std::string& place, const wire::ExternalContext& external, Findings& findings);
// Values of rank 1, indices in ascending order inside the dense shape.
void CheckSparseTensor(const model::SparseTensorProto& tensor, const std::string& place, const wire::ExternalContext& external,
                       Findings& findings);
// Local functions as a whole: unique, not recursive, nested at most 100 deep.
void CheckFunctionCalls(const model::ModelProto& model, Findings& findings);

// What holds where a node, a graph or a function is checked.
struct CheckScope {
  const std::map<std::string, int64_t, std::less<>>* opsets = nullptr;  // domain ("" is ai.onnx) -> version
  int64_t ir_version = 0;
  bool main_graph = true;  // not a body, not a function
  const wire::ExternalContext* external = nullptr;
  int depth = 0;  // of bodies in bodies
};

// The names that a graph's nodes may read: its own and, through `outer`, those around it.
class Names {
 public:
  explicit Names(const Names* outer = nullptr) : outer_(outer) {}
  bool Add(const std::string& name) { return own_.insert(name).second; }
  bool HasOwn(const std::string& name) const { return own_.contains(name); }
  bool Has(const std::string& name) const {
    for (const Names* at = this; at != nullptr; at = at->outer_) {
      if (at->HasOwn(name)) return true;
    }
    return false;
  }

 private:
  const Names* outer_;
  std::set<std::string> own_;
};

// A graph with everything in it; `outer` are the names around a body.
void CheckGraph(const model::GraphProto& graph, const std::string& place, const CheckScope& scope, const Names* outer, Findings& findings);
// A list of nodes that may read `names`, which grow by the nodes' outputs. `kind`: "graph" or "function".
void CheckNodes(const std::vector<model::NodeProto>& nodes, std::string_view kind, const CheckScope& scope, Names& names,
                Findings& findings);
// The bodies of local functions, one by one.
void CheckFunctionBodies(const model::ModelProto& model, const CheckScope& scope, Findings& findings);
// The version of an import of a model or function.
void CheckOpsetRange(const model::OperatorSetIdProto& import, const std::string& place, Findings& findings);
// The version imported for a domain; 0 where there is none.
int64_t OpsetOf(const CheckScope& scope, std::string_view domain);

}  // namespace samoyed

#endif  // SAMOYED_CHECK_FINDINGS_H_
