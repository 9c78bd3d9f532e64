// model::ModelProto -> Graph: names become edges, attributes are checked against schemas, functions that the
// model brings along are inlined, constants are read (without a copy where they can be viewed).
#ifndef SAMOYED_GRAPH_BUILD_H_
#define SAMOYED_GRAPH_BUILD_H_

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "graph/graph.h"
#include "model/model.h"

namespace samoyed {

struct BuildOptions {
  // Nodes after functions have been inlined, bodies included; counted before anything is expanded.
  int64_t max_nodes = 1 << 20;
  // Bodies and functions nested in each other.
  int max_depth = 64;
};

// Errors (kBadInput) name the node or value. Whatever the standard only forbids on paper but has one sensible
// meaning (nodes out of order, operators older than their import) is taken, with a line in Graph::notes.
// The graph shares the model's bytes; the ModelProto itself may go.
Result<std::unique_ptr<Graph>> BuildGraph(const model::ModelProto& model, const BuildOptions& options = {});

// One AttributeProto that holds no graph, in checked form.
Result<AttributeValue> ToAttributeValue(const model::AttributeProto& attribute);

}  // namespace samoyed

#endif  // SAMOYED_GRAPH_BUILD_H_
