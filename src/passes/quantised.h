// What the rewrites into integer operators share: real values known by their quantised form.
#ifndef SAMOYED_PASSES_QUANTISED_H_
#define SAMOYED_PASSES_QUANTISED_H_

#include <optional>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace samoyed::passes {

// A constant scale and zero point of a whole tensor of bytes.
struct Quantization {
  DType dtype = DType::kUndefined;  // kUint8 or kInt8
  float scale = 1;
  int32_t zero = 0;
  ValueId scale_id = kNoValue, zero_id = kNoValue;  // zero_id: kNoValue where the node has none

  bool SameAs(const Quantization& other) const { return dtype == other.dtype && scale == other.scale && zero == other.zero; }
  int32_t lowest() const { return dtype == DType::kInt8 ? -128 : 0; }
  int32_t highest() const { return dtype == DType::kInt8 ? 127 : 255; }
  // Saturated.
  int32_t Quantize(double x) const;
};

// The quantisation that a QuantizeLinear makes, or a DequantizeLinear undoes.
std::optional<Quantization> QuantizationOf(const Graph& graph, const Node& node);

// A real value that is a dequantised tensor of bytes.
struct Dequantized {
  ValueId bytes = kNoValue;
  Quantization by;
};
std::optional<Dequantized> DequantizedFrom(const Graph& graph, ValueId real);

// The scale and zero point as inputs of an operator: the node's own constants, or a new one where there is no zero point.
std::vector<ValueId> ParametersOf(Graph& graph, const Quantization& by);

// The node through which a QuantizeLinear's input came, and what lies between the two: a Relu or a Clip with constant bounds.
struct Quantized {
  NodeId producer = kNoNode;
  NodeId activation = kNoNode;
  NodeId quantize = kNoNode;
  Quantization by;
  int32_t low = 0, high = 255;  // the activation's bounds, in bytes
  bool clamps() const { return low > by.lowest() || high < by.highest(); }
};
// For a QuantizeLinear alone in reading its input; nullopt where that has no producer in this graph.
std::optional<Quantized> QuantizedAfter(const Graph& graph, const Node& quantize);

// Puts a node of `domain` in place of q's nodes, from its producer to the QuantizeLinear, with a Clip of bytes behind it where q clamps.
// False (and no change) where this build lacks an operator.
bool ReplaceQuantized(Graph& graph, const Quantized& q, std::string_view domain, std::string_view op_type, int version,
                      std::vector<ValueId> inputs, std::vector<Attribute> attributes);

}  // namespace samoyed::passes

#endif  // SAMOYED_PASSES_QUANTISED_H_
