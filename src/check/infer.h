// Type and shape inference over a graph. What an operator makes of its inputs is the operator's own shape rule (ops/);
// here the rules are called in order, values are propagated, and what is declared is merged in.
//
// Shape arithmetic is followed in two ways: where all inputs of a node are known numbers, its reference kernel is run
// (small tensors only); where dimensions are symbols, rules pass them on (InferContext::set_output_dims).
#ifndef SAMOYED_CHECK_INFER_H_
#define SAMOYED_CHECK_INFER_H_

#include <span>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "tensor/type.h"

namespace samoyed {

struct InferOptions {
  // A rule that fails, or that contradicts what the model declares, is an error; otherwise such outputs keep their declared types.
  bool strict = false;
  // A graph's or body's output that is declared as another kind of value, or of other elements, than its node makes is an
  // error. Declared shapes, and types inside the graph, are often out of date in real files and are let pass.
  bool refuse_false_outputs = false;
};

// Types of all values of `graph` (by ValueId) when its inputs have the types given (in the order of graph.inputs; an
// unknown type, or a list that is shorter, leaves what is declared). The graph is not changed. Fails where
// `strict` says so, placed at the node.
Result<std::vector<Type>> InferTypes(const Graph& graph, std::span<const Type> inputs, const InferOptions& options = {});

// Writes inferred types into the graph's values, those of bodies included (options.refuse_false_outputs is for this one).
Status AnnotateTypes(Graph& graph, const InferOptions& options = {});

}  // namespace samoyed

#endif  // SAMOYED_CHECK_INFER_H_
