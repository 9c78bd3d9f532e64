// Small graphs for tests of kernels, and runs of them on chosen providers.
#ifndef SAMOYED_TESTS_KERNELS_GRAPH_MAKER_H_
#define SAMOYED_TESTS_KERNELS_GRAPH_MAKER_H_

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "exec/session.h"
#include "providers/cpu/cpu.h"
#include "providers/reference/reference.h"

namespace samoyed::testing {

class GraphMaker {
 public:
  explicit GraphMaker(int opset = 22, uint32_t seed = 1) : opset_(opset), random_(seed) { graph_.opset_imports[""] = opset; }

  // Uniform in [low, high).
  Tensor Random(const Shape& shape, float low = -2, float high = 2) {
    std::uniform_real_distribution<float> value(low, high);
    Tensor t = Tensor::Allocate(DType::kFloat, shape).value();
    for (int64_t i = 0; i < t.size(); ++i) t.mutable_data<float>()[i] = value(random_);
    return t;
  }
  ValueId Input(Tensor value) {
    const ValueId id = graph_.AddValue("x", Type::TensorOf(value.dtype(), value.shape()));
    graph_.inputs.push_back(id);
    inputs_.emplace_back(std::move(value));
    return id;
  }
  ValueId RandomInput(const Shape& shape) { return Input(Random(shape)); }
  // The model tells the input's rank alone.
  void SetSymbolic(ValueId input) {
    Type& type = graph_.mutable_value(input).type;
    for (Dim& d : *type.shape) d = Dim();
  }
  ValueId Constant(Tensor value) { return graph_.AddConstant("c", std::move(value)); }
  ValueId Weights(const Shape& shape) { return Constant(Random(shape, -1, 1)); }

  // Uniform over all values of the bytes' type (kUint8 or kInt8).
  Tensor RandomBytes(DType dtype, const Shape& shape) {
    std::uniform_int_distribution<int> value(0, 255);
    Tensor t = Tensor::Allocate(dtype, shape).value();
    for (int64_t i = 0; i < t.size(); ++i) static_cast<uint8_t*>(t.mutable_raw())[i] = static_cast<uint8_t>(value(random_));
    return t;
  }

  // An operator of com.microsoft is named "com.microsoft:Op".
  std::vector<ValueId> Add(std::string_view op_type, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}, int outputs = 1) {
    Node node;
    if (const size_t colon = op_type.find(':'); colon != std::string_view::npos) {
      node.domain = op_type.substr(0, colon);
      op_type.remove_prefix(colon + 1);
    }
    node.op_type = op_type;
    node.name = graph_.UniqueName(op_type);
    node.op = FindOp(node.domain, op_type);
    node.schema = FindSchema(node.domain, op_type, node.domain.empty() ? opset_ : LatestOpset(node.domain));
    if (node.schema != nullptr) node.since_version = node.schema->since_version;
    node.attributes = Attributes(std::move(attributes), node.schema);
    node.inputs = std::move(inputs);
    for (int i = 0; i < outputs; ++i) node.outputs.push_back(graph_.AddValue("y", Type()));
    const std::vector<ValueId> made = node.outputs;
    graph_.AddNode(std::move(node));
    return made;
  }
  ValueId Op(std::string_view op_type, std::vector<ValueId> inputs, std::vector<Attribute> attributes = {}) {
    return Add(op_type, std::move(inputs), std::move(attributes))[0];
  }
  void Output(ValueId id) { graph_.outputs.push_back(id); }

  Graph&& TakeGraph() { return std::move(graph_); }
  const std::vector<Value>& inputs() const { return inputs_; }

 private:
  Graph graph_;
  int opset_;
  std::mt19937 random_;
  std::vector<Value> inputs_;
};

}  // namespace samoyed::testing

#endif  // SAMOYED_TESTS_KERNELS_GRAPH_MAKER_H_
