// Constants that a body (of If, Loop, Scan) reads from outside become constants of the body.
#include <algorithm>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {

Result<int> CaptureConstants(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    for (auto& body : graph.mutable_node(id).bodies) {
      std::erase_if(body->captures, [&](const Graph::Capture& capture) {
        const auto& constant = graph.value(capture.outer).constant;
        if (!constant) return false;
        GraphValue& inner = body->mutable_value(capture.inner);
        inner.constant = constant;
        inner.type = graph.value(capture.outer).type;
        ++changes;
        return true;
      });
    }
  }
  return changes;
}

}  // namespace samoyed::passes
