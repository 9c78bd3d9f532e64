// Small questions and edits that several passes share.
#ifndef SAMOYED_PASSES_EDIT_H_
#define SAMOYED_PASSES_EDIT_H_

#include <optional>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace samoyed::passes {

// Numbers of the live nodes, in an order in which a pass may remove them as it goes.
std::vector<NodeId> LiveNodes(const Graph& graph);

// True for an operator of the standard's main domain.
bool Is(const Node& node, std::string_view op_type);

// Input i, kNoValue where absent.
ValueId InputOf(const Node& node, size_t i);
// The node that produces a value, or null.
const Node* ProducerOf(const Graph& graph, ValueId value);
// The only reader of a value that is no graph output and that no body reads; null otherwise.
const Node* OnlyConsumer(const Graph& graph, ValueId value);

// The number in a constant of one element, of any real type.
std::optional<double> ScalarOf(const Graph& graph, ValueId value);

// Both shapes are known and certainly equal.
bool SameShape(const Type& a, const Type& b);

// Replaces a node's only output by `with`, and the node by nothing. False (and no change) where the
// output is the graph's and `with` is an input, a constant or another output: names must stay apart.
bool ReplaceNode(Graph& graph, NodeId node, ValueId with);

// A new node, as the newest version of its schema up to `opset` of its domain says; kNoNode (and no change) when this build lacks it.
// The outputs must have no producer.
NodeId AddOperatorNode(Graph& graph, std::string_view domain, std::string_view op_type, int opset, std::string_view name,
                       std::vector<ValueId> inputs, std::vector<ValueId> outputs, std::vector<Attribute> attributes = {});
// The same with one output in the main domain.
NodeId AddStandardNode(Graph& graph, std::string_view op_type, int opset, std::string_view name, std::vector<ValueId> inputs,
                       ValueId output, std::vector<Attribute> attributes = {});

// The version under which to add an operator that came with version `since`: the newest for a graph that is run; for one that is to be
// written the model's own, or 0 where that is older.
int OpsetToAdd(const Graph& graph, int since);

// Removes what makes a value that nothing reads, and what then nothing reads any more, through operators of one output.
void RemoveUnread(Graph& graph, ValueId value);

}  // namespace samoyed::passes

#endif  // SAMOYED_PASSES_EDIT_H_
