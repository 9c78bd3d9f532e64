// Rewrites that make a graph smaller or faster without changing what it computes.
#ifndef SAMOYED_PASSES_PASS_H_
#define SAMOYED_PASSES_PASS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"

namespace samoyed {

// One rewrite, in a file of its own.
struct Pass {
  std::string_view name;         // "fold-constants": what switches it off
  std::string_view description;  // one line for people
  // Rewrites what it can in this graph (not in the bodies: they are graphs of their own, and get their own call).
  // Returns the number of changes. Values it makes have types.
  Result<int> (*run)(Graph& graph);
  // What it makes is standard ONNX and worth writing to a file; false for what only this runtime's kernels and plans gain from.
  bool standard = true;
};

// In the order in which they run.
std::span<const Pass> AllPasses();

struct PassOptions {
  bool enabled = true;         // false: types are inferred, nothing is rewritten
  bool only_standard = false;  // for a graph that is to be written: no pass that is not `standard`, and Graph::for_file is set
  std::span<const std::string> disabled = {};
};

struct PassReport {
  struct Row {
    std::string_view pass;
    int changes = 0;
  };
  std::vector<Row> rows;  // passes that changed something
};

// Infers all types and runs the passes over the graph and the bodies in it, until nothing changes any more (but only a
// few rounds). Errors: an unknown name in `disabled`; an output declared as another type than its node makes; other contradictions
// of types are no error here.
Status RunPasses(Graph& graph, const PassOptions& options, PassReport* report = nullptr);

}  // namespace samoyed

#endif  // SAMOYED_PASSES_PASS_H_
