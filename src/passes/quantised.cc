#include "passes/quantised.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "passes/edit.h"
#include "tensor/convert.h"

namespace samoyed::passes {
namespace {

constexpr int kByteClipOpset = 13;

Tensor ByteScalar(DType dtype, int32_t value) {
  return dtype == DType::kInt8 ? Tensor::Scalar(static_cast<int8_t>(value)) : Tensor::Scalar(static_cast<uint8_t>(value));
}

// The bounds of a Relu or Clip in real numbers.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
};
std::optional<Bounds> BoundsOf(const Graph& graph, const Node& node) {
  Bounds out;
  if (Is(node, "Relu")) {
    out.low = 0;
    return out;
  }
  if (!Is(node, "Clip")) return std::nullopt;
  for (size_t i : {1, 2}) {
    double& bound = i == 1 ? out.low : out.high;
    const std::string_view attribute = i == 1 ? "min" : "max";
    if (InputOf(node, i) != kNoValue) {
      const auto value = ScalarOf(graph, node.inputs[i]);
      if (!value) return std::nullopt;
      bound = *value;
    } else if (node.attributes.Has(attribute)) {
      bound = node.attributes.Float(attribute);
    }
  }
  if (!(out.low <= out.high)) return std::nullopt;
  return out;
}

}  // namespace

int32_t Quantization::Quantize(double x) const {
  const double q = std::nearbyint(x / static_cast<double>(scale)) + zero;
  return static_cast<int32_t>(std::clamp<double>(q, lowest(), highest()));
}

std::optional<Quantization> QuantizationOf(const Graph& graph, const Node& node) {
  if (!node.epilogue.empty() || node.outputs.size() != 1 || node.outputs[0] == kNoValue) return std::nullopt;
  Quantization out;
  out.scale_id = InputOf(node, 1);
  out.zero_id = InputOf(node, 2);
  const Tensor* scale = out.scale_id == kNoValue ? nullptr : graph.ConstantTensor(out.scale_id);
  if (scale == nullptr || scale->dtype() != DType::kFloat || scale->size() != 1) return std::nullopt;
  out.scale = *scale->data<float>();
  if (!std::isfinite(out.scale) || !(out.scale > 0)) return std::nullopt;
  const bool quantizes = Is(node, "QuantizeLinear");
  if (!quantizes && !Is(node, "DequantizeLinear")) return std::nullopt;
  const ValueId bytes = quantizes ? node.outputs[0] : InputOf(node, 0), real = quantizes ? InputOf(node, 0) : node.outputs[0];
  if (bytes == kNoValue || real == kNoValue || graph.value(real).type.dtype != DType::kFloat) return std::nullopt;
  out.dtype = graph.value(bytes).type.dtype;
  if (out.dtype != DType::kUint8 && out.dtype != DType::kInt8) return std::nullopt;
  if (out.zero_id != kNoValue) {
    const Tensor* zero = graph.ConstantTensor(out.zero_id);
    if (zero == nullptr || zero->size() != 1 || zero->dtype() != out.dtype) return std::nullopt;
    out.zero = static_cast<int32_t>(At<int64_t>(*zero));
  }
  return out;
}

std::optional<Dequantized> DequantizedFrom(const Graph& graph, ValueId real) {
  const Node* node = ProducerOf(graph, real);
  if (node == nullptr || !Is(*node, "DequantizeLinear")) return std::nullopt;
  const auto by = QuantizationOf(graph, *node);
  if (!by) return std::nullopt;
  return Dequantized{node->inputs[0], *by};
}

std::vector<ValueId> ParametersOf(Graph& graph, const Quantization& by) {
  const ValueId zero = by.zero_id != kNoValue ? by.zero_id : graph.AddConstant("zero_point", ByteScalar(by.dtype, by.zero));
  return {by.scale_id, zero};
}

std::optional<Quantized> QuantizedAfter(const Graph& graph, const Node& quantize) {
  if (!Is(quantize, "QuantizeLinear")) return std::nullopt;
  const auto by = QuantizationOf(graph, quantize);
  if (!by) return std::nullopt;
  Quantized out;
  out.quantize = quantize.id;
  out.by = *by;
  out.low = by->lowest();
  out.high = by->highest();
  ValueId real = quantize.inputs[0];
  const Node* producer = ProducerOf(graph, real);
  if (producer == nullptr || OnlyConsumer(graph, real) == nullptr) return std::nullopt;
  if (const auto bounds = BoundsOf(graph, *producer); bounds && producer->epilogue.empty()) {
    out.activation = producer->id;
    out.low = by->Quantize(bounds->low);
    out.high = by->Quantize(bounds->high);
    real = InputOf(*producer, 0);
    producer = ProducerOf(graph, real);
    if (producer == nullptr || OnlyConsumer(graph, real) == nullptr) return std::nullopt;
  }
  if (!producer->epilogue.empty() || producer->outputs.size() != 1) return std::nullopt;
  out.producer = producer->id;
  return out;
}

bool ReplaceQuantized(Graph& graph, const Quantized& q, std::string_view domain, std::string_view op_type, int version,
                      std::vector<ValueId> inputs, std::vector<Attribute> attributes) {
  if (FindOp(domain, op_type) == nullptr || FindSchema(domain, op_type, version) == nullptr ||
      (q.clamps() && FindOp("", "Clip") == nullptr))
    return false;
  const std::string name = graph.node(q.producer).name;
  const ValueId out = graph.node(q.quantize).outputs[0];
  graph.RemoveNode(q.quantize);
  if (q.activation != kNoNode) graph.RemoveNode(q.activation);
  graph.RemoveNode(q.producer);
  ValueId made = out;
  if (q.clamps()) {
    made = graph.AddValue(StrCat(name, "_unbounded"), graph.value(out).type);
    const ValueId low = graph.AddConstant(StrCat(name, "_low"), ByteScalar(q.by.dtype, q.low));
    const ValueId high = graph.AddConstant(StrCat(name, "_high"), ByteScalar(q.by.dtype, q.high));
    AddStandardNode(graph, "Clip", kByteClipOpset, StrCat(name, "_bounds"), {made, low, high}, out);
  }
  return AddOperatorNode(graph, domain, op_type, version, name, std::move(inputs), {made}, std::move(attributes)) != kNoNode;
}

}  // namespace samoyed::passes
