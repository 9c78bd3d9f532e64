// The graph that passes edit and plans are made from.
//
// Values and nodes have stable numbers; removing one leaves a hole. Every name of the model's outer
// scopes that a body (If, Loop, Scan) reads is an explicit capture of the node, so data flow is all
// in `inputs` and `captures`. Functions local to the model are inlined when the graph is built.
#ifndef SAMOYED_GRAPH_GRAPH_H_
#define SAMOYED_GRAPH_GRAPH_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ops/attributes.h"
#include "ops/op.h"
#include "tensor/tensor.h"
#include "tensor/type.h"

namespace samoyed {

using NodeId = int32_t;
using ValueId = int32_t;
inline constexpr ValueId kNoValue = -1;  // an absent optional input or an unwanted output
inline constexpr NodeId kNoNode = -1;

class Graph;

// What a kernel does to output 0 before it stores it: y = activation(op(...) + residual).
// Put there by the fusion pass on operators whose facts say takes_epilogue.
struct Epilogue {
  Activation activation = Activation::kNone;
  float alpha = 0;  // LeakyRelu, Elu, HardSigmoid: slope; Clip: the low bound
  float beta = 0;   // HardSigmoid: offset; Clip: the high bound
  // The node's last input is then the residual, of the shape of output 0. Its number is the schema's max_inputs (absent
  // inputs fill the gap), so that no kernel takes it for a bias.
  bool has_residual = false;
  bool empty() const { return activation == Activation::kNone && !has_residual; }
};

struct Node {
  NodeId id = kNoNode;
  std::string name;  // of the model; made up where the model has none, unique within the graph
  std::string domain, op_type;
  int since_version = 0;
  const OpDef* op = nullptr;         // null: this build has no such operator
  const OpSchema* schema = nullptr;  // null: unknown to the tables
  Attributes attributes;
  std::vector<ValueId> inputs;   // may hold kNoValue in between
  std::vector<ValueId> outputs;  // may hold kNoValue
  std::vector<std::unique_ptr<Graph>> bodies;  // numbered by BodyRef
  std::vector<ValueId> captures;  // values of this graph that the bodies read; no duplicates
  Epilogue epilogue;
};

struct GraphValue {
  ValueId id = kNoValue;
  std::string name;
  Type type;                       // declared or inferred
  std::optional<Value> constant;   // initializers and folded values
  NodeId producer = kNoNode;       // kNoNode for inputs, constants and captures
  std::vector<NodeId> consumers;   // each once; also those that read it through a body
};

class Graph {
 public:
  // A body's captured value: `outer` in the graph that holds the node, `inner` here.
  struct Capture {
    ValueId outer;
    ValueId inner;
  };

  std::string name;
  std::map<std::string, int64_t, std::less<>> opset_imports;  // domain ("" = ai.onnx) -> version
  int64_t ir_version = 0;
  std::vector<ValueId> inputs;   // without those that are initializers (see overridable)
  std::vector<ValueId> outputs;
  std::vector<ValueId> overridable;  // inputs with an initializer: constants that a caller may replace
  std::vector<Capture> captures;     // bodies only
  std::optional<int64_t> folding_left;  // bytes that constants computed at load may still take; unset before the first is
  bool for_file = false;  // the graph will be written, not run: what folding computes must not take more room than what it is made from
  std::map<std::string, std::string, std::less<>> metadata;  // the model's metadata_props (main graph only)
  std::vector<std::string> notes;  // what the model does against the standard and was taken all the same

  // --- reading ---
  const Node& node(NodeId id) const { return *nodes_[static_cast<size_t>(id)]; }
  Node& mutable_node(NodeId id) { return *nodes_[static_cast<size_t>(id)]; }
  bool has_node(NodeId id) const { return nodes_[static_cast<size_t>(id)] != nullptr; }
  int num_node_slots() const { return static_cast<int>(nodes_.size()); }
  const GraphValue& value(ValueId id) const { return values_[static_cast<size_t>(id)]; }
  GraphValue& mutable_value(ValueId id) { return values_[static_cast<size_t>(id)]; }
  int num_values() const { return static_cast<int>(values_.size()); }
  ValueId FindValue(std::string_view name) const;  // kNoValue when there is none
  // The constant tensor behind a value, or null.
  const Tensor* ConstantTensor(ValueId id) const;
  bool IsOutput(ValueId id) const;
  // Live nodes in an order in which every node comes after what it reads.
  std::vector<NodeId> TopologicalOrder() const;

  // --- editing (keeps producers and consumers right) ---
  ValueId AddValue(std::string name, Type type);  // the name is made unique
  ValueId AddConstant(std::string name, Value value);
  // The node's outputs must have no producer yet. Returns its number.
  NodeId AddNode(Node node);
  void RemoveNode(NodeId id);
  void SetInput(NodeId id, size_t index, ValueId value);
  void SetInputs(NodeId id, std::vector<ValueId> inputs);
  // Everything that reads `from`, graph outputs included, reads `to`. A graph output keeps its name: `to`
  // takes it over, or where it cannot (an input, a constant, an output already) `from` stays the output.
  // True when nothing reads `from` any more.
  bool ReplaceUses(ValueId from, ValueId to);
  // Turns a produced value into a constant (its producer loses the output).
  void MakeConstant(ValueId id, Value value);
  std::string UniqueName(std::string_view base);

 private:
  void AddUse(ValueId value, NodeId node);
  void DropUse(ValueId value, NodeId node);

  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<GraphValue> values_;
  std::map<std::string, ValueId, std::less<>> by_name_;
};

}  // namespace samoyed

#endif  // SAMOYED_GRAPH_GRAPH_H_
