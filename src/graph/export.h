// Graph -> model::ModelProto: the way back from what passes made of a model to a file that others read.
#ifndef SAMOYED_GRAPH_EXPORT_H_
#define SAMOYED_GRAPH_EXPORT_H_

#include "base/status.h"
#include "graph/graph.h"
#include "model/model.h"

namespace samoyed {

// The main graph keeps the names of its inputs, outputs, values and nodes; values in bodies are renamed where two scopes use a name.
// Constants view the graph's buffers and keep them alive; those of bodies that are not tiny become initializers of the main
// graph, once however many bodies read them. Inputs with a default become constants: that is what the passes took them for. The
// result says nothing of training, functions (they are inlined) or devices.
// Errors (kUnsupported): an epilogue or an operator of ai.samoyed, which no other runtime knows; a node of a function that imports another
// version of its operator than the model does; Gradient, which refers to values by name; a constant that is no tensor.
Result<model::ModelProto> ExportModel(const Graph& graph);

}  // namespace samoyed

#endif  // SAMOYED_GRAPH_EXPORT_H_
