// A scale and an offset per channel after a linear operator (batch normalisation, Mul, Add, ...) go into its weights and bias.
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/file.h"
#include "passes/edit.h"
#include "passes/passes.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

// y = scale * x + shift, by channel. An empty scale is all ones, an empty shift all zeros.
struct Affine {
  std::vector<double> scale, shift;
};

// Where a linear operator keeps its output channels.
struct Linear {
  Tensor weights;
  Tensor bias;  // undefined where absent
  int64_t channels = 0;
  // Channel of each weight: (index / inner) % repeat gives the channel within a group; groups as below.
  int64_t inner = 1;  // weights that follow each other and share a channel
  int64_t channels_per_group = 0;
  int64_t weights_per_group = 0;  // weights of one group
  double alpha = 1, beta = 1;     // Gemm's factors
  int channel_axis_from_end = 0;  // of the output: 1 for the last axis
  int rank = 0;                   // of the output
};

std::optional<std::vector<double>> Doubles(const Graph& graph, ValueId id) {
  const Tensor* t = id == kNoValue ? nullptr : graph.ConstantTensor(id);
  if (t == nullptr || !IsFloat(t->dtype())) return std::nullopt;
  return LoadAll<double>(*t);
}

std::optional<Linear> LinearOf(const Graph& graph, const Node& node) {
  if (node.op == nullptr || !node.epilogue.empty()) return std::nullopt;
  const Tensor* w = InputOf(node, 1) == kNoValue ? nullptr : graph.ConstantTensor(node.inputs[1]);
  if (w == nullptr || !IsFloat(w->dtype()) || w->size() == 0) return std::nullopt;
  Linear linear;
  linear.weights = *w;
  if (InputOf(node, 2) != kNoValue) {
    const Tensor* b = graph.ConstantTensor(node.inputs[2]);
    if (b == nullptr || b->dtype() != w->dtype()) return std::nullopt;
    linear.bias = *b;
  }
  if (Is(node, "Conv") || Is(node, "ConvTranspose")) {
    const int64_t groups = node.attributes.Int("group", 1);
    if (w->rank() < 3 || groups < 1) return std::nullopt;
    linear.rank = w->rank();
    linear.channel_axis_from_end = w->rank() - 1;
    if (Is(node, "Conv")) {  // [M, C/group, ...]
      linear.channels = linear.channels_per_group = w->dim(0);
      linear.weights_per_group = w->size();
      linear.inner = w->size() / w->dim(0);
    } else {  // [C, M/group, ...]
      if (w->dim(0) % groups != 0) return std::nullopt;
      linear.channels_per_group = w->dim(1);
      linear.channels = w->dim(1) * groups;
      linear.weights_per_group = w->size() / groups;
      linear.inner = w->shape().Product(2, w->rank());
    }
    if (linear.bias.defined() && linear.bias.size() != linear.channels) return std::nullopt;
    return linear;
  }
  if (!Is(node, "Gemm") || w->rank() != 2) return std::nullopt;
  const bool transposed = node.attributes.Int("transB", 0) != 0;
  linear.rank = 2;
  linear.channel_axis_from_end = 1;
  linear.channels = linear.channels_per_group = w->dim(transposed ? 0 : 1);
  linear.weights_per_group = w->size();
  linear.inner = transposed ? w->dim(1) : 1;
  linear.alpha = node.attributes.Float("alpha", 1);
  linear.beta = node.attributes.Float("beta", 1);
  // A bias of one row, by channel or for all of them.
  const Tensor& b = linear.bias;
  if (b.defined() && b.size() != 1 && (b.size() != linear.channels || b.shape().back() != linear.channels)) return std::nullopt;
  return linear;
}

std::optional<Affine> BatchNorm(const Graph& graph, const Node& node, int64_t channels) {
  if (!Is(node, "BatchNormalization") || node.inputs.size() < 5 || !node.epilogue.empty()) return std::nullopt;
  if (node.attributes.Int("training_mode", 0) != 0 || node.attributes.Int("spatial", 1) == 0) return std::nullopt;
  for (size_t i = 1; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != kNoValue) return std::nullopt;
  }
  const auto scale = Doubles(graph, node.inputs[1]), offset = Doubles(graph, node.inputs[2]);
  const auto mean = Doubles(graph, node.inputs[3]), variance = Doubles(graph, node.inputs[4]);
  const auto n = static_cast<size_t>(channels);
  if (!scale || !offset || !mean || !variance) return std::nullopt;
  if (scale->size() != n || offset->size() != n || mean->size() != n || variance->size() != n) return std::nullopt;
  const double epsilon = node.attributes.Float("epsilon", 1e-5f);
  Affine affine;
  for (size_t i = 0; i < n; ++i) {
    const double factor = (*scale)[i] / std::sqrt((*variance)[i] + epsilon);
    if (!std::isfinite(factor)) return std::nullopt;
    affine.scale.push_back(factor);
    affine.shift.push_back((*offset)[i] - (*mean)[i] * factor);
  }
  return affine;
}

// A constant operand that is one number, or one number a channel of what it is combined with.
std::optional<std::vector<double>> PerChannel(const Graph& graph, ValueId id, const Linear& linear) {
  const Tensor* t = id == kNoValue ? nullptr : graph.ConstantTensor(id);
  if (t == nullptr || t->dtype() != linear.weights.dtype() || t->rank() > linear.rank) return std::nullopt;
  const auto n = static_cast<size_t>(linear.channels);
  if (t->size() == 1) return std::vector<double>(n, At<double>(*t));
  const int axis = t->rank() - linear.channel_axis_from_end;
  if (axis < 0 || t->size() != linear.channels || t->dim(axis) != linear.channels) return std::nullopt;
  return LoadAll<double>(*t);
}

std::optional<Affine> Arithmetic(const Graph& graph, const Node& node, ValueId x, const Linear& linear) {
  if (node.inputs.size() != 2 || !node.epilogue.empty() || node.inputs[0] == node.inputs[1]) return std::nullopt;
  const bool x_first = node.inputs[0] == x;
  auto operand = PerChannel(graph, node.inputs[x_first ? 1 : 0], linear);
  if (!operand) return std::nullopt;
  auto map = [](std::vector<double> v, auto f) {
    for (double& d : v) d = f(d);
    return v;
  };
  const std::vector<double> minus_one(operand->size(), -1.0);
  if (Is(node, "Add")) return Affine{{}, *operand};
  if (Is(node, "Mul")) return Affine{*operand, {}};
  if (Is(node, "Sub")) return x_first ? Affine{{}, map(*operand, [](double d) { return -d; })} : Affine{minus_one, *operand};
  if (Is(node, "Div") && x_first && std::ranges::find(*operand, 0.0) == operand->end())
    return Affine{map(*operand, [](double d) { return 1 / d; }), {}};
  return std::nullopt;
}

// Weights scaled by their output channel, a piece at a time: in double they would take twice their room.
Result<Tensor> Scaled(const Linear& linear, const std::vector<double>& scale) {
  constexpr int64_t kPiece = 1 << 14;
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(linear.weights.dtype(), linear.weights.shape()));
  std::vector<double> piece(static_cast<size_t>(std::min(kPiece, out.size())));
  for (int64_t begin = 0; begin < out.size(); begin += kPiece) {
    const int64_t count = std::min(kPiece, out.size() - begin);
    Load(linear.weights, begin, count, piece.data());
    for (int64_t i = 0; i < count; ++i) {
      const int64_t at = begin + i;
      const int64_t channel = at / linear.weights_per_group * linear.channels_per_group + at / linear.inner % linear.channels_per_group;
      piece[static_cast<size_t>(i)] *= scale[static_cast<size_t>(channel % linear.channels)];
    }
    Store(out, begin, count, piece.data());
  }
  DropMappedPages(linear.weights.raw(), static_cast<size_t>(linear.weights.byte_size()));
  return out;
}

// The bias under the affine map; what Gemm's alpha does to the weights is not the bias's concern, beta is folded in.
Result<Tensor> NewBias(const Linear& linear, const Affine& affine) {
  const auto n = static_cast<size_t>(linear.channels);
  std::vector<double> bias(n, 0.0);
  if (linear.bias.defined()) {
    const auto old = LoadAll<double>(linear.bias);
    for (size_t i = 0; i < n; ++i) bias[i] = linear.beta * old[old.size() == 1 ? 0 : i];
  }
  for (size_t i = 0; i < n; ++i) {
    if (!affine.scale.empty()) bias[i] *= affine.scale[i];
    if (!affine.shift.empty()) bias[i] += affine.shift[i];
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(linear.weights.dtype(), Shape({linear.channels})));
  StoreAll(out, bias);
  return out;
}

Result<bool> FoldNext(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.outputs.empty()) return false;
  const Node* next = OnlyConsumer(graph, node.outputs[0]);
  if (next == nullptr || next->op == nullptr || next->outputs.empty() || next->outputs[0] == kNoValue || !next->bodies.empty())
    return false;
  const bool has_form = Is(*next, "BatchNormalization") || (next->op->facts.elementwise && next->inputs.size() == 2);
  if (!has_form) return false;
  const auto linear = LinearOf(graph, node);
  if (!linear) return false;
  auto affine = BatchNorm(graph, *next, linear->channels);
  if (affine && next->inputs[0] != node.outputs[0]) return false;
  if (!affine) affine = Arithmetic(graph, *next, node.outputs[0], *linear);
  if (!affine) return false;

  const std::string base = node.name;
  std::vector<ValueId> inputs = node.inputs;
  inputs.resize(std::max<size_t>(inputs.size(), 3), kNoValue);
  if (!affine->scale.empty()) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor weights, Scaled(*linear, affine->scale));
    inputs[1] = graph.AddConstant(StrCat(base, "_weights"), std::move(weights));
  }
  if (linear->bias.defined() || !affine->shift.empty()) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor bias, NewBias(*linear, *affine));
    inputs[2] = graph.AddConstant(StrCat(base, "_bias"), std::move(bias));
    if (linear->beta != 1) graph.mutable_node(id).attributes.Set("beta", 1.0f);
  }
  while (inputs.back() == kNoValue) inputs.pop_back();
  const NodeId next_id = next->id;
  graph.SetInputs(id, std::move(inputs));
  return ReplaceNode(graph, next_id, graph.node(id).outputs[0]);
}

}  // namespace

Result<int> FoldAffine(Graph& graph) {
  int changes = 0;
  for (NodeId id : graph.TopologicalOrder()) {
    if (!graph.has_node(id)) continue;
    while (true) {
      SAMOYED_ASSIGN_OR_RETURN(const bool folded, FoldNext(graph, id));
      if (!folded) break;
      ++changes;
    }
  }
  return changes;
}

}  // namespace samoyed::passes
