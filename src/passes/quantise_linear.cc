// An operator between DequantizeLinear and QuantizeLinear becomes its integer form: Conv QLinearConv, Gemm com.microsoft's QGemm, Add and
// Mul its QLinearAdd and QLinearMul. An activation in between becomes bounds of the result's bytes: quantising is monotonous, so that it is
// exact.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ops/common/quantize.h"
#include "passes/edit.h"
#include "passes/passes.h"
#include "passes/quantised.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

constexpr int kQLinearConvOpset = 10;
constexpr int kFirstBroadcast = 7;  // version of Add and Mul

// Constant weights of bytes with one scale and zero point, or one each along `axis`.
struct Weights {
  ValueId bytes, scale, zero;
  std::vector<double> scales;
  DType dtype;
};
std::optional<Weights> WeightsOf(const Graph& graph, ValueId real, int axis) {
  const Node* node = ProducerOf(graph, real);
  if (node == nullptr || !Is(*node, "DequantizeLinear") || node->inputs.size() < 2 || node->attributes.Int("block_size", 0) != 0)
    return std::nullopt;
  Weights out{node->inputs[0], node->inputs[1], InputOf(*node, 2), {}, {}};
  const Tensor* w = out.bytes == kNoValue ? nullptr : graph.ConstantTensor(out.bytes);
  const Tensor* scale = out.scale == kNoValue ? nullptr : graph.ConstantTensor(out.scale);
  const Tensor* zero = out.zero == kNoValue ? nullptr : graph.ConstantTensor(out.zero);
  if (w == nullptr || scale == nullptr || (zero == nullptr && out.zero != kNoValue) || w->size() == 0) return std::nullopt;
  out.dtype = w->dtype();
  if ((out.dtype != DType::kInt8 && out.dtype != DType::kUint8) || scale->dtype() != DType::kFloat || axis >= w->rank())
    return std::nullopt;
  if (zero != nullptr && (zero->dtype() != out.dtype || zero->shape() != scale->shape())) return std::nullopt;
  const int64_t given = node->attributes.Int("axis", 1);
  const bool along = scale->rank() == 1 && scale->dim(0) == w->dim(axis) && (given < 0 ? given + w->rank() : given) == axis;
  if (scale->size() != 1 && !along) return std::nullopt;
  out.scales = LoadAll<double>(*scale);
  if (!std::ranges::all_of(out.scales, [](double s) { return std::isfinite(s) && s > 0; })) return std::nullopt;
  return out;
}

// A constant real bias of n numbers in units of x_scale * weights' scales; nullopt where it is not constant or leaves int32. (Quantisers
// give channels without weights such small scales that their bias is next to 2^31.)
std::optional<std::vector<int32_t>> IntegerBias(const Graph& graph, ValueId real, int64_t n, double x_scale,
                                                const std::vector<double>& scales) {
  std::vector<double> values;
  if (const Tensor* t = graph.ConstantTensor(real); t != nullptr) {
    if (t->dtype() != DType::kFloat) return std::nullopt;
    values = LoadAll<double>(*t);
  } else {
    const Node* node = ProducerOf(graph, real);
    if (node == nullptr || !Is(*node, "DequantizeLinear") || node->attributes.Int("block_size", 0) != 0) return std::nullopt;
    const Tensor* q = InputOf(*node, 0) == kNoValue ? nullptr : graph.ConstantTensor(node->inputs[0]);
    const Tensor* scale = InputOf(*node, 1) == kNoValue ? nullptr : graph.ConstantTensor(node->inputs[1]);
    if (q == nullptr || scale == nullptr || q->dtype() != DType::kInt32 || q->rank() != 1 || scale->dtype() != DType::kFloat)
      return std::nullopt;
    if (scale->size() != 1 && scale->size() != q->size()) return std::nullopt;
    if (InputOf(*node, 2) != kNoValue) {
      const Tensor* zero = graph.ConstantTensor(node->inputs[2]);
      if (zero == nullptr || !std::ranges::all_of(LoadAll<double>(*zero), [](double z) { return z == 0; })) return std::nullopt;
    }
    values = LoadAll<double>(*q);
    const std::vector<double> own_scales = LoadAll<double>(*scale);
    for (size_t i = 0; i < values.size(); ++i) values[i] *= own_scales[own_scales.size() == 1 ? 0 : i];
  }
  if (static_cast<int64_t>(values.size()) != n) return std::nullopt;
  std::vector<int32_t> bias(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const double steps = std::nearbyint(values[i] / (x_scale * scales[scales.size() == 1 ? 0 : i]));
    if (!(std::abs(steps) <= std::numeric_limits<int32_t>::max())) return std::nullopt;
    bias[i] = static_cast<int32_t>(steps);
  }
  return bias;
}

bool Rewrite(Graph& graph, const Quantized& q) {
  const Node& node = graph.node(q.producer);
  const bool conv = Is(node, "Conv"), gemm = Is(node, "Gemm");
  if ((!conv && !gemm) || node.inputs.size() < 2 || node.inputs.size() > 3) return false;
  if (gemm && (node.attributes.Int("transA", 0) != 0 || node.attributes.Float("alpha", 1) != 1 || node.attributes.Float("beta", 1) != 1))
    return false;
  const auto x = DequantizedFrom(graph, node.inputs[0]);
  const int axis = conv || node.attributes.Int("transB", 0) != 0 ? 0 : 1;
  const auto w = WeightsOf(graph, node.inputs[1], axis);
  if (!x || !w || graph.ConstantTensor(x->bytes) != nullptr) return false;
  if (gemm && (x->by.dtype != q.by.dtype)) return false;  // QGemm's result is of A's type
  const Tensor& bytes = *graph.ConstantTensor(w->bytes);
  if (conv ? bytes.rank() != 3 && bytes.rank() != 4 : bytes.rank() != 2) return false;
  const int64_t n = bytes.dim(axis);
  // With groups only depthwise: of the others the fp32 kernel is as fast.
  const int64_t group = conv ? node.attributes.Int("group", 1) : 1;
  if (group > 1 && (group != n || bytes.dim(1) != 1)) return false;
  std::optional<std::vector<int32_t>> bias;
  if (const ValueId b = InputOf(node, 2); b != kNoValue) {
    bias = IntegerBias(graph, b, n, x->by.scale, w->scales);
    if (!bias) return false;
  }
  std::vector<int32_t> zeros;
  if (w->zero != kNoValue) {
    for (const int64_t z : LoadAll<int64_t>(*graph.ConstantTensor(w->zero))) zeros.push_back(static_cast<int32_t>(z));
  }
  std::vector<float> factors;
  for (const double scale : w->scales) factors.push_back(ops::RequantizeFactor(x->by.scale, scale, q.by.scale));
  std::vector<int32_t> moved = bias.value_or(std::vector<int32_t>());  // the kernel does so: the question is whether it can
  if (!ops::FitByteTotals(bytes, axis, zeros, factors, moved)) return false;
  const std::string_view domain = conv ? "" : "com.microsoft";
  if (FindOp(domain, conv ? "QLinearConv" : "QGemm") == nullptr) return false;

  const auto join = [](std::vector<ValueId>& to, std::vector<ValueId> more) { to.insert(to.end(), more.begin(), more.end()); };
  const ValueId w_zero = w->zero != kNoValue        ? w->zero
                         : w->dtype == DType::kInt8 ? graph.AddConstant("zero_point", Tensor::Scalar<int8_t>(0))
                                                    : graph.AddConstant("zero_point", Tensor::Scalar<uint8_t>(0));
  const ValueId bias_id =
      bias ? graph.AddConstant(StrCat(node.name, "_bias"), Tensor::Of<int32_t>(Shape({n}), std::span<const int32_t>(*bias))) : kNoValue;
  std::vector<ValueId> inputs = {x->bytes};
  join(inputs, ParametersOf(graph, x->by));
  join(inputs, {w->bytes, w->scale, w_zero});
  if (gemm) inputs.push_back(bias_id);
  join(inputs, ParametersOf(graph, q.by));
  if (conv && bias) inputs.push_back(bias_id);
  std::vector<Attribute> attributes;
  for (const Attribute& a : node.attributes.list()) {
    if (conv || a.name == "transB") attributes.push_back(a);
  }
  return ReplaceQuantized(graph, q, domain, conv ? "QLinearConv" : "QGemm", conv ? kQLinearConvOpset : 1, std::move(inputs),
                          std::move(attributes));
}

// Add or Mul of two dequantised tensors: com.microsoft's QLinearAdd or QLinearMul.
bool RewriteBinary(Graph& graph, const Quantized& q) {
  const Node& node = graph.node(q.producer);
  const bool add = Is(node, "Add");
  if ((!add && !Is(node, "Mul")) || node.since_version < kFirstBroadcast || node.inputs.size() != 2) return false;
  const auto a = DequantizedFrom(graph, node.inputs[0]), b = DequantizedFrom(graph, node.inputs[1]);
  if (!a || !b || a->by.dtype != q.by.dtype || b->by.dtype != q.by.dtype) return false;
  std::vector<ValueId> inputs = {a->bytes};
  const auto join = [&](const std::vector<ValueId>& more) { inputs.insert(inputs.end(), more.begin(), more.end()); };
  join(ParametersOf(graph, a->by));
  inputs.push_back(b->bytes);
  join(ParametersOf(graph, b->by));
  join(ParametersOf(graph, q.by));
  return ReplaceQuantized(graph, q, "com.microsoft", add ? "QLinearAdd" : "QLinearMul", 1, std::move(inputs), {});
}

}  // namespace

Result<int> QuantiseLinear(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id)) continue;
    const auto q = QuantizedAfter(graph, graph.node(id));
    if (q && (Rewrite(graph, *q) || RewriteBinary(graph, *q))) ++changes;
  }
  if (changes > 0) {  // or the weights would be dequantised all the same
    SAMOYED_RETURN_IF_ERROR(RemoveDead(graph).status());
  }
  return changes;
}

}  // namespace samoyed::passes
