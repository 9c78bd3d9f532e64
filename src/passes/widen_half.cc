// Nodes that compute in float16 or bfloat16 compute in float instead, where the fast kernels are: between two of them nothing is rounded,
// and what other nodes and the caller see is rounded once, as before. Constants become floats when the model is loaded.
#include <algorithm>
#include <map>
#include <string_view>

#include "passes/edit.h"
#include "passes/passes.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

constexpr int kCastOpset = 13;
constexpr int64_t kWeights = 1024;  // elements from which on a constant counts as weights

bool IsHalf(DType dtype) { return dtype == DType::kFloat16 || dtype == DType::kBfloat16; }
bool IsHalf(const Graph& graph, ValueId id) {
  const Type* type = id == kNoValue ? nullptr : &graph.value(id).type;
  return type != nullptr && type->is_tensor() && IsHalf(type->dtype);
}

// The constraint behind the i-th actual input or output; null for a type of its own.
const SchemaTypeConstraint* ConstraintOf(const OpSchema& schema, std::span<const SchemaParam> params, size_t i) {
  if (params.empty()) return nullptr;
  const SchemaParam& param = params[std::min(i, params.size() - 1)];
  const auto it = std::ranges::find(schema.constraints, param.type, &SchemaTypeConstraint::name);
  return it == schema.constraints.end() ? nullptr : &*it;
}

// True where the schema lets a value be a float in place of the half that it is.
bool TakesFloat(const OpSchema& schema, std::span<const SchemaParam> params, size_t i) {
  const auto* constraint = ConstraintOf(schema, params, i);
  return constraint != nullptr && std::ranges::find(constraint->types, "tensor(float)") != constraint->types.end();
}

// What they make depends on the type itself, not on the numbers alone.
bool DependsOnType(std::string_view op_type) {
  constexpr std::string_view kOps[] = {
      "Cast",      "CastLike",         "BitCast",           "IsInf",       "IsNaN",          "Range", "EyeLike",
      "Bernoulli", "RandomNormalLike", "RandomUniformLike", "Multinomial", "ConstantOfShape"};
  return std::ranges::find(kOps, op_type) != std::end(kOps) || op_type.find("Quantize") != std::string_view::npos;
}

bool CanWiden(const Graph& graph, const Node& node) {
  if (node.op == nullptr || node.op->run == nullptr || node.schema == nullptr || !node.bodies.empty() || !node.epilogue.empty())
    return false;
  if ((!node.domain.empty() && node.domain != "com.microsoft") || DependsOnType(node.op_type)) return false;
  if (node.op->facts.shape_only || !node.op->facts.deterministic) return false;
  bool any = false;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (!IsHalf(graph, node.inputs[i])) continue;
    if (!TakesFloat(*node.schema, node.schema->inputs, i)) return false;
    any = true;
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (IsHalf(graph, node.outputs[i]) && !TakesFloat(*node.schema, node.schema->outputs, i)) return false;
  }
  return any;
}

// A model that keeps weights in half does so to be small. One that has none may mean the rounding after every operator, as the functions
// do that the standard expands operators into, and does little enough for the reference.
bool HasHalfWeights(const Graph& graph) {
  for (ValueId id = 0; id < graph.num_values(); ++id) {
    const Tensor* constant = graph.value(id).consumers.empty() ? nullptr : graph.ConstantTensor(id);
    if (constant != nullptr && IsHalf(constant->dtype()) && constant->size() >= kWeights) return true;
  }
  return false;
}

NodeId AddCast(Graph& graph, ValueId from, ValueId to, DType dtype) {
  return AddStandardNode(graph, "Cast", kCastOpset, StrCat(graph.value(from).name, "_cast"), {from}, to,
                         {{"to", static_cast<int64_t>(dtype)}});
}

class Widener {
 public:
  explicit Widener(Graph& graph) : graph_(graph) {}

  Status Widen(NodeId id) {
    const Node& old = graph_.node(id);
    Node node;
    node.name = old.name;
    node.domain = old.domain;
    node.op_type = old.op_type;
    node.since_version = old.since_version;
    node.op = old.op;
    node.schema = old.schema;
    node.attributes = old.attributes;
    node.inputs = old.inputs;
    node.outputs = old.outputs;
    for (ValueId& in : node.inputs) {
      if (!IsHalf(graph_, in)) continue;
      SAMOYED_ASSIGN_OR_RETURN(in, AsFloat(in));
    }
    graph_.RemoveNode(id);
    for (ValueId& out : node.outputs) {
      if (!IsHalf(graph_, out)) continue;
      const ValueId half = out;
      out = AddFloat(half);
      AddCast(graph_, out, half, graph_.value(half).type.dtype);  // dead where everybody reads the float
      floats_[half] = out;
    }
    graph_.AddNode(std::move(node));
    return OkStatus();
  }

 private:
  ValueId AddFloat(ValueId half) {
    Type type = graph_.value(half).type;
    type.dtype = DType::kFloat;
    return graph_.AddValue(StrCat(graph_.value(half).name, "_float"), std::move(type));
  }

  Result<ValueId> AsFloat(ValueId half) {
    if (const auto it = floats_.find(half); it != floats_.end()) return it->second;
    ValueId wide;
    if (const Tensor* constant = graph_.ConstantTensor(half); constant != nullptr) {
      SAMOYED_ASSIGN_OR_RETURN(Tensor tensor, WidenHalf(*constant));
      wide = graph_.AddConstant(StrCat(graph_.value(half).name, "_float"), std::move(tensor));
    } else {
      wide = AddFloat(half);
      AddCast(graph_, half, wide, DType::kFloat);
    }
    floats_[half] = wide;
    return wide;
  }

  Graph& graph_;
  std::map<ValueId, ValueId> floats_;  // of halves
};

}  // namespace

Result<int> WidenHalves(Graph& graph) {
  if (FindOp("", "Cast") == nullptr || !HasHalfWeights(graph)) return 0;
  int changes = 0;
  Widener widener(graph);
  for (const NodeId id : graph.TopologicalOrder()) {
    if (!CanWiden(graph, graph.node(id))) continue;
    SAMOYED_RETURN_IF_ERROR(widener.Widen(id));
    ++changes;
  }
  if (changes > 0) {  // the halves' constants go at once: both forms need not be in memory for long
    SAMOYED_RETURN_IF_ERROR(RemoveDead(graph).status());
  }
  return changes;
}

}  // namespace samoyed::passes
