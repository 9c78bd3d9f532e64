// MatMul of two matrices, then Add of a constant row: one Gemm. A left operand of higher rank is viewed as a matrix.
#include <algorithm>

#include "passes/edit.h"
#include "passes/passes.h"

namespace samoyed::passes {
namespace {

// Before, Gemm did not repeat its bias over the rows by itself, and Reshape had its shape as an attribute.
constexpr int kFirstOpset = 7;
constexpr int kFallbackOpset = 13;

struct Match {
  NodeId matmul, add;
  ValueId a, b, bias, out;
};

// A constant row of n numbers that Add repeats over all rows.
bool IsRow(const Graph& graph, ValueId id, int64_t n) {
  const Tensor* t = id == kNoValue ? nullptr : graph.ConstantTensor(id);
  return t != nullptr && t->rank() >= 1 && t->size() == n && t->shape().back() == n;
}

std::optional<Match> Find(const Graph& graph, NodeId id) {
  const Node& matmul = graph.node(id);
  if (!Is(matmul, "MatMul") || !matmul.epilogue.empty() || matmul.inputs.size() != 2 || matmul.inputs[0] == kNoValue) return std::nullopt;
  const Tensor* weights = matmul.inputs[1] == kNoValue ? nullptr : graph.ConstantTensor(matmul.inputs[1]);
  const Type& a = graph.value(matmul.inputs[0]).type;
  if (weights == nullptr || weights->rank() != 2 || !IsFloat(weights->dtype()) || a.rank() < 2 || a.dtype != weights->dtype())
    return std::nullopt;
  const Node* add = OnlyConsumer(graph, matmul.outputs[0]);
  if (add == nullptr || !Is(*add, "Add") || !add->epilogue.empty() || add->inputs.size() != 2 || add->inputs[0] == add->inputs[1])
    return std::nullopt;
  const ValueId bias = add->inputs[add->inputs[0] == matmul.outputs[0] ? 1 : 0];
  if (!IsRow(graph, bias, weights->dim(1)) || graph.ConstantTensor(bias)->dtype() != weights->dtype()) return std::nullopt;
  if (graph.ConstantTensor(bias)->rank() > a.rank()) return std::nullopt;
  return Match{id, add->id, matmul.inputs[0], matmul.inputs[1], bias, add->outputs[0]};
}

// [..., k] as [-1, k]; and back to `dims` with the last one replaced by n. Null where two sizes are unknown.
std::optional<std::vector<int64_t>> ShapeBack(const Dims& dims, int64_t n) {
  std::vector<int64_t> shape;
  int unknown = 0;
  for (size_t i = 0; i + 1 < dims.size(); ++i) {
    if (dims[i].known() && dims[i].value == 0) return std::nullopt;
    shape.push_back(dims[i].known() ? dims[i].value : -1);
    if (!dims[i].known()) ++unknown;
  }
  shape.push_back(n);
  return unknown <= 1 ? std::optional(shape) : std::nullopt;
}

bool Apply(Graph& graph, const Match& m, int opset) {
  if (FindOp("", "Gemm") == nullptr || FindOp("", "Reshape") == nullptr) return false;
  const Type a = graph.value(m.a).type;
  const Tensor weights = *graph.ConstantTensor(m.b);
  const Tensor bias = *graph.ConstantTensor(m.bias);
  const int64_t k = weights.dim(0), n = weights.dim(1);
  const bool is_matrix = a.rank() == 2;
  const auto back = is_matrix ? std::vector<int64_t>() : ShapeBack(*a.shape, n);
  if (!back || k == 0 || n == 0) return false;
  const std::string name = graph.node(m.matmul).name;
  const Type out_type = graph.value(m.out).type;
  const ValueId row = graph.AddConstant(StrCat(name, "_bias"), bias.Reshaped(Shape({n})));
  graph.RemoveNode(m.add);
  graph.RemoveNode(m.matmul);
  if (is_matrix) {
    AddStandardNode(graph, "Gemm", opset, name, {m.a, m.b, row}, m.out);
    return true;
  }
  const ValueId flat_shape = graph.AddConstant(StrCat(name, "_rows"), Tensor::Of<int64_t>({2}, {-1, k}));
  const ValueId back_shape = graph.AddConstant(
      StrCat(name, "_shape"), Tensor::Of<int64_t>(Shape({static_cast<int64_t>(back->size())}), std::span<const int64_t>(*back)));
  Dim rows(1);
  for (size_t i = 0; i + 1 < a.shape->size(); ++i) {
    const Dim& d = (*a.shape)[i];
    rows = rows.known() && d.known() && d.value < (int64_t{1} << 31) && rows.value < (int64_t{1} << 31) ? Dim(rows.value * d.value) : Dim();
  }
  const ValueId flat = graph.AddValue(StrCat(name, "_flat"), Type::TensorOf(a.dtype, Dims{rows, Dim(k)}));
  const ValueId product = graph.AddValue(StrCat(name, "_product"), Type::TensorOf(a.dtype, Dims{rows, Dim(n)}));
  AddStandardNode(graph, "Reshape", opset, StrCat(name, "_flatten"), {m.a, flat_shape}, flat);
  AddStandardNode(graph, "Gemm", opset, name, {flat, m.b, row}, product);
  AddStandardNode(graph, "Reshape", opset, StrCat(name, "_unflatten"), {product, back_shape}, m.out);
  return true;
}

}  // namespace

Result<int> MatMulToGemm(Graph& graph) {
  int changes = 0;
  const auto import = graph.opset_imports.find("");
  const int opset =
      import == graph.opset_imports.end() ? kFallbackOpset : static_cast<int>(std::min<int64_t>(import->second, LatestOpset("")));
  if (opset < kFirstOpset) return 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id)) continue;
    const auto match = Find(graph, id);
    if (match && Apply(graph, *match, opset)) ++changes;
  }
  return changes;
}

}  // namespace samoyed::passes
