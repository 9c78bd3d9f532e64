#include "wire/text.h"

#include <gtest/gtest.h>

#include "tensor/tensor.h"
#include "wire/tensor_data.h"
#include "wire/types.h"

namespace samoyed::wire {
namespace {

model::ValueInfoProto Info(const char* name, const Type& type) {
  model::ValueInfoProto info;
  info.name = std::string(name);
  info.type = FromType(type);
  return info;
}

model::AttributeProto Attribute(const char* name, model::AttributeType type) {
  model::AttributeProto attribute;
  attribute.name = std::string(name);
  attribute.type = static_cast<int32_t>(type);
  return attribute;
}

// The expected texts are what onnx.printer 1.23 gives for the same models.
TEST(ModelText, AWholeModel) {
  model::ModelProto model;
  model.ir_version = 8;
  model.opset_import.emplace_back().version = 17;
  model.producer_name = std::string("me");
  auto& graph = model.graph.emplace();
  graph.name = std::string("a graph");
  graph.input = {Info("x", Type::TensorOf(DType::kFloat, Dims{Dim::Symbol("N"), Dim(3), Dim()}))};
  graph.output = {Info("y", Type::TensorOf(DType::kFloat))};
  graph.initializer.push_back(FromTensor(Tensor::Of<float>({2}, {1.5F, -2})));
  graph.initializer[0].name = std::string("w");
  auto& node = graph.node.emplace_back();
  node.op_type = std::string("Op");
  node.input = {"x", "", "w"};
  node.output = {"y"};
  auto ints = Attribute("ints", model::AttributeType::kInts);
  ints.ints = {1, 2};
  auto text = Attribute("s", model::AttributeType::kString);
  text.s = std::string("a\"b");
  auto ref = Attribute("r", model::AttributeType::kFloat);
  ref.ref_attr_name = std::string("alpha");
  node.attribute = {ints, text, ref};
  EXPECT_EQ(ToText(model),
            "<\n   ir_version: 8,\n   opset_import: [\"\" : 17],\n   producer_name: \"me\"\n>\n"
            "\"a graph\" (float[N,3,?] x) => (float[] y) \n   <float[2] w =  {1.5,-2}>\n"
            "{\n   y = Op <ints: ints = [1, 2], s: string = \"a\\\"b\", r: float = @alpha> (x, \"\", w)\n}");
}

TEST(ModelText, ANodeWithAGraph) {
  model::NodeProto node;
  node.name = std::string("n");
  node.op_type = std::string("If");
  node.domain = std::string("my.domain");
  node.overload = std::string("v2");
  node.input = {"c"};
  node.output = {"y"};
  auto body = Attribute("then_branch", model::AttributeType::kGraph);
  auto& graph = body.g.emplace();
  graph.name = std::string("g");
  graph.output = {Info("z", Type::SequenceOf(Type::TensorOf(DType::kInt64, Dims{})))};
  auto& inner = graph.node.emplace_back();
  inner.op_type = std::string("SequenceEmpty");
  inner.output = {"z"};
  node.attribute = {body};
  EXPECT_EQ(ToText(node),
            "   [n] y = my.domain.If:v2 (c) <then_branch: graph = g () => (seq(int64) z) {\n      z = SequenceEmpty ()\n   }>\n");
}

TEST(ModelText, LongTensorsCanBeLeftOut) {
  model::GraphProto graph;
  graph.name = std::string("g");
  graph.initializer.push_back(FromTensor(Tensor::Of<int64_t>({3}, {1, 2, 3})));
  EXPECT_NE(ToText(graph, {.max_elements = 2}).find("int64[3] = ..."), std::string::npos);
  EXPECT_NE(ToText(graph, {.max_elements = 3}).find("{1,2,3}"), std::string::npos);
}

}  // namespace
}  // namespace samoyed::wire
