// Gradient (ai.onnx.preview.training) as operators: reverse-mode differentiation of the part of the graph between the node's xs and y.
#ifndef SAMOYED_GRAPH_GRADIENT_H_
#define SAMOYED_GRAPH_GRADIENT_H_

#include "base/status.h"
#include "graph/graph.h"

namespace samoyed {

// Replaces the Gradient nodes of the main graph by nodes that compute dy/dx (of the sum of y where it is no scalar). Where a node is
// given other values than those that xs and zs name, y is computed again from these. kUnsupported names an operator on the way without
// a rule. Gradients of gradients work as far as the rules' own operators have rules.
Status ExpandGradients(Graph& graph);

}  // namespace samoyed

#endif  // SAMOYED_GRAPH_GRADIENT_H_
