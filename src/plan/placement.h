// Which provider runs a node.
#ifndef SAMOYED_PLAN_PLACEMENT_H_
#define SAMOYED_PLAN_PLACEMENT_H_

#include <string>

#include "base/status.h"
#include "plan/program.h"

namespace samoyed {

struct Placed {
  const Provider* provider = nullptr;
  Support support;
  std::string reason;  // "CPUExecutionProvider: float64 is not vectorised"; empty when the first one took it
};

// The first provider that supports the node; an error that names node, operator, opset and types, and each
// provider's reason, when none does (or, in strict mode, when the first one does not).
Result<Placed> Place(const Graph& graph, const Node& node, const CompileOptions& options);

// "Conv (opset 13) of tensor(float)[1,3,8,8], tensor(float)[4,3,3,3]".
std::string Describe(const Graph& graph, const Node& node);

}  // namespace samoyed

#endif  // SAMOYED_PLAN_PLACEMENT_H_
