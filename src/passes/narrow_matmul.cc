// A matrix product with constant weights of 2 or 4 bits, dequantised one scale a tensor, column or block of a column, becomes
// com.microsoft's MatMulNBits: the same numbers, but the weights stay narrow in memory.
#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "passes/edit.h"
#include "passes/passes.h"
#include "tensor/convert.h"
#include "tensor/packed.h"

namespace samoyed::passes {
namespace {

constexpr int64_t kSmallestBlock = 16, kLargestBlock = 256;  // of what the operator is made with

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Dequantised weights [k, n], or [n, k] in memory.
struct NarrowWeights {
  const Tensor *values = nullptr, *scale = nullptr, *zero = nullptr;  // zero: null for 0
  bool transposed = false;
  int64_t given_block = 0;  // elements of a column that share a scale; 0: all of them

  int64_t k() const { return values->dim(transposed ? 1 : 0); }
  int64_t n() const { return values->dim(transposed ? 0 : 1); }
  int bits() const { return values->dtype() == DType::kInt4 || values->dtype() == DType::kUint4 ? 4 : 2; }
  bool is_signed() const { return values->dtype() == DType::kInt4 || values->dtype() == DType::kInt2; }
  // The index of the parameters of column `n` from row `k` on.
  int64_t ParameterOf(int64_t k, int64_t n) const {
    if (given_block == 0) return scale->size() == 1 ? 0 : n;
    return transposed ? n * scale->dim(1) + k / given_block : k / given_block * this->n() + n;
  }
  // A power of two that divides the given block, so that some of the operator's blocks may have equal parameters; 0 where it is too small.
  int64_t Block() const {
    const int64_t whole = given_block == 0 ? static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(k()))) : given_block & -given_block;
    const int64_t block = std::min(given_block == 0 ? std::max(whole, kSmallestBlock) : whole, kLargestBlock);
    return block >= kSmallestBlock ? block : 0;
  }
};

const Tensor* ConstantOf(const Graph& graph, ValueId id) { return id == kNoValue ? nullptr : graph.ConstantTensor(id); }

// The weights behind `real`, which one node alone reads, as a matrix [k, n] or, if `transposed`, [n, k].
std::optional<NarrowWeights> WeightsOf(const Graph& graph, ValueId real, bool transposed) {
  const Node* node = ProducerOf(graph, real);
  if (node != nullptr && Is(*node, "Transpose") && OnlyConsumer(graph, real) != nullptr) {
    const Type& type = graph.value(InputOf(*node, 0)).type;
    const auto order = node->attributes.Ints("perm");
    if (type.rank() != 2 || (!order.empty() && !(order.size() == 2 && order[0] == 1 && order[1] == 0))) return std::nullopt;
    real = node->inputs[0];
    transposed = !transposed;
    node = ProducerOf(graph, real);
  }
  if (node == nullptr || !Is(*node, "DequantizeLinear") || OnlyConsumer(graph, real) == nullptr || node->inputs.size() < 2)
    return std::nullopt;
  NarrowWeights w{ConstantOf(graph, node->inputs[0]), ConstantOf(graph, node->inputs[1]), ConstantOf(graph, InputOf(*node, 2)), transposed};
  if (w.values == nullptr || w.scale == nullptr || (w.zero == nullptr && InputOf(*node, 2) != kNoValue)) return std::nullopt;
  const DType dtype = w.values->dtype();
  if (dtype != DType::kInt4 && dtype != DType::kUint4 && dtype != DType::kInt2 && dtype != DType::kUint2) return std::nullopt;
  if (w.values->rank() != 2 || w.values->size() == 0 || !IsFloat(w.scale->dtype()) || graph.value(real).type.dtype != DType::kFloat)
    return std::nullopt;
  if (w.zero != nullptr && (w.zero->dtype() != dtype || w.zero->shape() != w.scale->shape())) return std::nullopt;
  const int64_t given = node->attributes.Int("axis", 1), axis = given < 0 ? given + 2 : given, along_k = transposed ? 1 : 0;
  w.given_block = node->attributes.Int("block_size", 0);
  if (w.given_block < 0) return std::nullopt;
  if (w.given_block == 0) {
    if (w.scale->size() != 1 && (w.scale->rank() != 1 || axis == along_k || w.scale->dim(0) != w.n())) return std::nullopt;
  } else {
    const int64_t blocks = CeilDiv(w.k(), w.given_block);
    if (axis != along_k || w.scale->shape() != (transposed ? Shape({w.n(), blocks}) : Shape({blocks, w.n()}))) return std::nullopt;
  }
  return w.Block() != 0 ? std::optional(w) : std::nullopt;
}

// What MatMulNBits reads: B [n, blocks, bytes], scales [n * blocks], zero points packed a column at a time.
struct NarrowConstants {
  Tensor values, scales, zeros;
};
Result<NarrowConstants> Repack(const NarrowWeights& w) {
  const int64_t k = w.k(), n = w.n(), block = w.Block(), blocks = CeilDiv(k, block);
  const int bits = w.bits();
  const int64_t column_bytes = blocks * block * bits / 8, zero_bytes = CeilDiv(blocks * bits, 8);
  const uint32_t middle = 1u << (bits - 1), flip = w.is_signed() ? middle : 0;  // two's complement counts from the lowest number then
  NarrowConstants out;
  SAMOYED_ASSIGN_OR_RETURN(out.values, Tensor::Allocate(DType::kUint8, Shape({n, blocks, block * bits / 8})));
  SAMOYED_ASSIGN_OR_RETURN(out.scales, Tensor::Allocate(DType::kFloat, Shape({n * blocks})));
  SAMOYED_ASSIGN_OR_RETURN(out.zeros, Tensor::Allocate(DType::kUint8, Shape({n * zero_bytes})));
  auto *values = out.values.mutable_data<uint8_t>(), *zeros = out.zeros.mutable_data<uint8_t>();
  std::fill_n(values, out.values.size(), uint8_t{0});
  std::fill_n(zeros, out.zeros.size(), uint8_t{0});
  const auto* from = static_cast<const uint8_t*>(w.values->raw());
  const std::vector<double> scales = LoadAll<double>(*w.scale);
  for (int64_t c = 0; c < n; ++c) {
    for (int64_t i = 0; i < k; ++i)
      WriteBits(values + c * column_bytes, i, bits, ReadBits(from, w.transposed ? c * k + i : i * n + c, bits) ^ flip);
    for (int64_t b = 0; b < blocks; ++b) {
      const int64_t at = w.ParameterOf(b * block, c);
      out.scales.mutable_data<float>()[c * blocks + b] = static_cast<float>(scales[static_cast<size_t>(at)]);
      const uint32_t zero = w.zero == nullptr ? 0 : ReadBits(static_cast<const uint8_t*>(w.zero->raw()), at, bits);
      WriteBits(zeros + c * zero_bytes, b, bits, zero ^ flip);
    }
  }
  return out;
}

Result<bool> Rewrite(Graph& graph, NodeId id) {
  constexpr std::string_view kDomain = "com.microsoft", kType = "MatMulNBits";
  const Node& node = graph.node(id);
  const bool gemm = Is(node, "Gemm");
  if ((!gemm && !Is(node, "MatMul")) || !node.epilogue.empty() || node.inputs.size() < 2 || node.inputs[0] == kNoValue) return false;
  if (gemm && (node.attributes.Int("transA", 0) != 0 || node.attributes.Float("alpha", 1) != 1 || node.attributes.Float("beta", 1) != 1))
    return false;
  const auto w = WeightsOf(graph, node.inputs[1], gemm && node.attributes.Int("transB", 0) != 0);
  const Type& a = graph.value(node.inputs[0]).type;
  if (!w || a.dtype != DType::kFloat || a.rank() < 1) return false;
  const ValueId bias = InputOf(node, 2);
  if (bias != kNoValue) {
    const Tensor* t = ConstantOf(graph, bias);
    if (t == nullptr || t->dtype() != DType::kFloat || t->size() != w->n() || t->rank() == 0 || t->shape().back() != w->n()) return false;
  }
  Node made;
  made.op = FindOp(kDomain, kType);
  made.schema = FindSchema(kDomain, kType, 1);
  if (made.op == nullptr || made.op->run == nullptr || made.schema == nullptr) return false;
  SAMOYED_ASSIGN_OR_RETURN(NarrowConstants constants, Repack(*w));
  made.name = node.name;
  made.domain = kDomain;
  made.op_type = kType;
  made.since_version = made.schema->since_version;
  made.attributes = Attributes({{"K", w->k()}, {"N", w->n()}, {"bits", int64_t{w->bits()}}, {"block_size", w->Block()}}, made.schema);
  const bool middle = w->zero == nullptr && w->is_signed();  // what the operator takes where there are no zero points
  made.inputs = {node.inputs[0], graph.AddConstant(StrCat(node.name, "_weights"), std::move(constants.values)),
                 graph.AddConstant(StrCat(node.name, "_scales"), std::move(constants.scales)),
                 middle ? kNoValue : graph.AddConstant(StrCat(node.name, "_zeros"), std::move(constants.zeros))};
  if (bias != kNoValue) made.inputs.insert(made.inputs.end(), {kNoValue, bias});
  made.outputs = node.outputs;
  const ValueId real = node.inputs[1];
  graph.RemoveNode(id);
  graph.opset_imports.emplace(std::string(kDomain), 1);
  graph.AddNode(std::move(made));
  RemoveUnread(graph, real);
  return true;
}

}  // namespace

Result<int> NarrowMatMul(Graph& graph) {
  int changes = 0;
  for (NodeId id : LiveNodes(graph)) {
    if (!graph.has_node(id)) continue;
    SAMOYED_ASSIGN_OR_RETURN(const bool changed, Rewrite(graph, id));
    if (changed) ++changes;
  }
  if (changes > 0) {  // constants of the narrow form's first order
    SAMOYED_RETURN_IF_ERROR(RemoveDead(graph).status());
  }
  return changes;
}

}  // namespace samoyed::passes
