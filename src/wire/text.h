// A model as text, in the syntax of ONNX's own printer (onnx.printer.to_text, which onnx.parser reads).
//
//   agraph (float[N,128] X) => (float[N,10] C) {
//      C = Softmax <axis: int = 1> (X)
//   }
#ifndef SAMOYED_WIRE_TEXT_H_
#define SAMOYED_WIRE_TEXT_H_

#include <cstdint>
#include <string>

#include "model/model.h"

namespace samoyed::wire {

struct TextOptions {
  // Tensors with more elements show "..." in place of them; -1 shows all, as ONNX does.
  int64_t max_elements = -1;
};

std::string ToText(const model::ModelProto& model, const TextOptions& options = {});
std::string ToText(const model::GraphProto& graph, const TextOptions& options = {});
std::string ToText(const model::FunctionProto& function, const TextOptions& options = {});
std::string ToText(const model::NodeProto& node, const TextOptions& options = {});
std::string ToText(const model::TypeProto& type);

}  // namespace samoyed::wire

#endif  // SAMOYED_WIRE_TEXT_H_
