// The functions that a model brings along, and how large it grows when they are inlined.
#ifndef SAMOYED_GRAPH_FUNCTIONS_H_
#define SAMOYED_GRAPH_FUNCTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/status.h"
#include "model/model.h"

namespace samoyed {

class FunctionTable {
 public:
  explicit FunctionTable(const model::ModelProto& model);

  // The function that a node calls, or null.
  const model::FunctionProto* Find(const model::NodeProto& node) const;

  // Nodes of the whole model once everything is inlined; an error when functions call each other in a circle, nest
  // deeper than `max_depth`, or there would be more than `limit` nodes.
  Result<int64_t> CountExpanded(const model::GraphProto& graph, int64_t limit, int max_depth) const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // domain, name, overload
  struct Counter;

  std::map<Key, const model::FunctionProto*> functions_;
};

}  // namespace samoyed

#endif  // SAMOYED_GRAPH_FUNCTIONS_H_
