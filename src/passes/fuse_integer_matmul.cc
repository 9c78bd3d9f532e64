// Products of dynamically quantised matrices as quantisers write them: MatMulInteger, Cast to float, Mul by the product of both scales, and
// perhaps Add of a bias, become com.microsoft's MatMulIntegerToFloat, whose kernel does all that as a tile leaves the registers.
#include <algorithm>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {
namespace {

constexpr std::string_view kDomain = "com.microsoft";
constexpr int kOpset = 1;

// Certainly one float.
bool IsOneFloat(const Graph& graph, ValueId id) {
  if (id == kNoValue) return false;
  const Type& type = graph.value(id).type;
  return type.dtype == DType::kFloat && type.shape && std::ranges::all_of(*type.shape, [](const Dim& d) { return d == Dim(1); });
}

// A constant of floats: one, or a row of n that repeats over all rows. `one`: whether a single number will do.
bool IsConstantRow(const Graph& graph, ValueId id, int64_t n, bool one) {
  const Tensor* t = id == kNoValue ? nullptr : graph.ConstantTensor(id);
  if (t == nullptr || t->dtype() != DType::kFloat || t->rank() > 2) return false;
  return (one && t->size() == 1) || (t->rank() > 0 && t->size() == n && t->shape().back() == n);
}

// The other input of a node of two, one of which is `id`.
ValueId OtherInput(const Node& node, ValueId id) { return node.inputs[node.inputs[0] == id ? 1 : 0]; }

struct Match {
  NodeId matmul, cast, mul, add = kNoNode;
  ValueId a_scale, b_scale, bias = kNoValue, out;  // b_scale: kNoValue for 1
  int64_t n;
};

std::optional<Match> Find(const Graph& graph, NodeId id) {
  const Node& matmul = graph.node(id);
  if (!Is(matmul, "MatMulInteger") || matmul.inputs.size() < 2 || matmul.inputs[0] == kNoValue || matmul.inputs[1] == kNoValue)
    return std::nullopt;
  const Tensor* b = graph.ConstantTensor(matmul.inputs[1]);
  if (b == nullptr || b->rank() != 2 || graph.value(matmul.inputs[0]).type.rank() < 2) return std::nullopt;
  const Node* cast = OnlyConsumer(graph, matmul.outputs[0]);
  if (cast == nullptr || !Is(*cast, "Cast") || graph.value(cast->outputs[0]).type.dtype != DType::kFloat) return std::nullopt;
  const Node* mul = OnlyConsumer(graph, cast->outputs[0]);
  if (mul == nullptr || !Is(*mul, "Mul") || mul->inputs[0] == mul->inputs[1]) return std::nullopt;
  Match m{id, cast->id, mul->id, kNoNode, kNoValue, kNoValue, kNoValue, mul->outputs[0], b->dim(1)};
  const ValueId scale = OtherInput(*mul, cast->outputs[0]);
  const Node* scales = ProducerOf(graph, scale);
  for (size_t side = 0; side < 2 && m.a_scale == kNoValue && scales != nullptr && Is(*scales, "Mul"); ++side) {
    if (!IsOneFloat(graph, scales->inputs[side]) || !IsConstantRow(graph, scales->inputs[1 - side], m.n, true)) continue;
    m.a_scale = scales->inputs[side];
    m.b_scale = scales->inputs[1 - side];
  }
  if (m.a_scale == kNoValue && IsOneFloat(graph, scale)) m.a_scale = scale;
  if (m.a_scale == kNoValue) return std::nullopt;
  const Node* add = OnlyConsumer(graph, m.out);
  if (add != nullptr && Is(*add, "Add") && add->epilogue.empty() && add->inputs[0] != add->inputs[1] &&
      IsConstantRow(graph, OtherInput(*add, m.out), m.n, false)) {
    m.add = add->id;
    m.bias = OtherInput(*add, m.out);
    m.out = add->outputs[0];
  }
  return m;
}

// A constant of one number or one a column as MatMulIntegerToFloat takes it.
ValueId AsRow(Graph& graph, ValueId id, int64_t n) {
  const Tensor t = *graph.ConstantTensor(id);
  if (t.rank() == (t.size() == n && n != 1 ? 1 : 0)) return id;
  return graph.AddConstant(graph.value(id).name, t.Reshaped(t.size() == n && n != 1 ? Shape({n}) : Shape()));
}

bool Apply(Graph& graph, const Match& m) {
  if (FindOp(kDomain, "MatMulIntegerToFloat") == nullptr) return false;
  const std::string name = graph.node(m.matmul).name;
  const ValueId b_scale = m.b_scale == kNoValue ? graph.AddConstant("one", Tensor::Scalar<float>(1)) : AsRow(graph, m.b_scale, m.n);
  const Node& matmul = graph.node(m.matmul);
  std::vector<ValueId> inputs = {matmul.inputs[0], matmul.inputs[1], m.a_scale, b_scale, InputOf(matmul, 2), InputOf(matmul, 3)};
  if (m.bias != kNoValue) {
    const Tensor bias = *graph.ConstantTensor(m.bias);
    inputs.push_back(bias.rank() == 1 ? m.bias : graph.AddConstant(graph.value(m.bias).name, bias.Reshaped(Shape({m.n}))));
  }
  if (m.add != kNoNode) graph.RemoveNode(m.add);
  for (const NodeId id : {m.mul, m.cast, m.matmul}) graph.RemoveNode(id);
  return AddOperatorNode(graph, kDomain, "MatMulIntegerToFloat", kOpset, name, std::move(inputs), {m.out}) != kNoNode;
}

// DynamicQuantizeMatMul is DynamicQuantizeLinear and the same product: apart, products of one input share its quantisation.
bool TakeApart(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const Tensor* b = InputOf(node, 1) == kNoValue ? nullptr : graph.ConstantTensor(node.inputs[1]);
  if (node.domain != kDomain || node.op_type != "DynamicQuantizeMatMul" || b == nullptr || InputOf(node, 0) == kNoValue) return false;
  const Type& a = graph.value(node.inputs[0]).type;
  if (FindOp(kDomain, "MatMulIntegerToFloat") == nullptr || FindOp("", "DynamicQuantizeLinear") == nullptr || a.dtype != DType::kFloat)
    return false;
  const std::string name = node.name;
  const std::vector<ValueId> inputs = node.inputs, outputs = node.outputs;
  auto input = [&](size_t i) { return i < inputs.size() ? inputs[i] : kNoValue; };
  Type bytes = a;
  bytes.dtype = DType::kUint8;
  const std::vector<ValueId> q = {graph.AddValue("bytes", bytes), graph.AddValue("scale", Type::TensorOf(DType::kFloat, Dims{})),
                                  graph.AddValue("zero_point", Type::TensorOf(DType::kUint8, Dims{}))};
  AddOperatorNode(graph, "", "DynamicQuantizeLinear", LatestOpset(""), StrCat(name, "_quantise"), {inputs[0]}, q);
  graph.RemoveNode(id);
  return AddOperatorNode(graph, kDomain, "MatMulIntegerToFloat", kOpset, name, {q[0], inputs[1], q[1], input(2), q[2], input(3), input(4)},
                         outputs) != kNoNode;
}

}  // namespace

Result<int> FuseIntegerMatMul(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id)) continue;
    const auto match = Find(graph, id);
    if (match ? Apply(graph, *match) : TakeApart(graph, id)) ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
