#include "check/checker.h"

#include <gtest/gtest.h>

namespace samoyed {
namespace {

model::ValueInfoProto FloatVector(std::string name) {
  model::ValueInfoProto info;
  info.name = std::move(name);
  auto& tensor = info.type.emplace().tensor_type.emplace();
  tensor.elem_type = 1;
  tensor.shape.emplace().dim.emplace_back().dim_value = 3;
  return info;
}

// y = Relu(x), valid.
model::ModelProto ReluModel() {
  model::ModelProto m;
  m.ir_version = 9;
  auto& import = m.opset_import.emplace_back();
  import.domain = std::string();
  import.version = 21;
  auto& graph = m.graph.emplace();
  graph.name = std::string("g");
  graph.input.push_back(FloatVector("x"));
  graph.output.push_back(FloatVector("y"));
  auto& node = graph.node.emplace_back();
  node.op_type = std::string("Relu");
  node.name = std::string("n");
  node.input = {"x"};
  node.output = {"y"};
  return m;
}

std::string FirstFinding(const model::ModelProto& m, bool full = false) {
  const auto findings = CheckModel(m, {.full = full});
  return findings.empty() ? std::string() : findings[0].ToString();
}

TEST(Checker, AcceptsWhatIsValid) { EXPECT_EQ(FirstFinding(ReluModel(), true), ""); }

TEST(Checker, NamesNodeRuleAndWhatWasFound) {
  auto m = ReluModel();
  m.graph->node[0].input = {"x", "x"};
  EXPECT_EQ(FirstFinding(m),
            "node 'n' (Relu): version 14 of Relu has 1 inputs; 2 are there (export for another opset, or convert the model's version)");
  m = ReluModel();
  m.graph->node[0].op_type = std::string("Rellu");
  EXPECT_NE(FirstFinding(m).find("opset 21 of domain 'ai.onnx' has no 'Rellu'"), std::string::npos);
  m = ReluModel();
  m.graph->node[0].input = {"z"};
  EXPECT_NE(FirstFinding(m).find("nothing before it makes 'z'"), std::string::npos);
}

TEST(Checker, AnAttributeThatIsATensorIsThere) {
  auto m = ReluModel();
  auto& node = m.graph->node[0];
  node.op_type = std::string("Constant");
  node.input.clear();
  auto& a = node.attribute.emplace_back();
  a.name = std::string("value");
  a.type = 4;
  EXPECT_NE(FirstFinding(m).find("it is empty"), std::string::npos);
  a.name = std::string("value_int");
  a.type = 2;
  EXPECT_EQ(FirstFinding(m), "") << "a number may be left out where it is zero";
}

TEST(Checker, FullKnowsThatSparseIsNotDense) {
  auto m = ReluModel();
  auto& sparse = m.graph->sparse_initializer.emplace_back();
  auto& values = sparse.values.emplace();
  values.name = std::string("s");
  values.data_type = 1;
  values.dims = {0};
  sparse.dims = {3};
  m.graph->node[0].input = {"s"};
  EXPECT_EQ(FirstFinding(m), "");
  EXPECT_NE(FirstFinding(m, true).find("sparse initializer"), std::string::npos);
}

TEST(Checker, FullFindsContradictingTypes) {
  auto m = ReluModel();
  m.graph->output[0].type->tensor_type->shape->dim[0].dim_value = 4;
  EXPECT_EQ(FirstFinding(m), "");
  EXPECT_NE(FirstFinding(m, true), "");
}

TEST(Checker, ALoopMayBeginWithAnOptionalAndEndWithWhatItHolds) {
  const auto value = [](std::string name, int32_t type) {
    auto info = FloatVector(std::move(name));
    info.type->tensor_type->elem_type = type;
    info.type->tensor_type->shape->dim.clear();
    return info;
  };
  const auto optional = [&](std::string name) {
    auto info = value(std::move(name), 1);
    model::TypeProto element = *info.type;
    info.type.emplace().optional_type.emplace().elem_type = std::move(element);
    return info;
  };
  const auto node = [](std::string op, std::string in, std::string out) {
    model::NodeProto n;
    n.op_type = std::move(op);
    n.input = {std::move(in)};
    n.output = {std::move(out)};
    return n;
  };
  model::GraphProto body;
  body.name = std::string("body");
  body.input = {value("i", 7), value("c", 9), optional("o")};
  body.output = {value("c2", 9), value("t", 1)};
  body.node = {node("Identity", "c", "c2"), node("OptionalGetElement", "o", "t")};
  auto m = ReluModel();
  m.graph->input = {value("n", 7), value("go", 9), optional("x")};
  m.graph->output = {value("y", 1)};
  auto& loop = m.graph->node[0];
  loop.op_type = std::string("Loop");
  loop.input = {"n", "go", "x"};
  auto& a = loop.attribute.emplace_back();
  a.name = std::string("body");
  a.type = 5;
  a.g = body;
  EXPECT_EQ(FirstFinding(m, true), "");
}

TEST(Checker, StopsAtTheLimit) {
  auto m = ReluModel();
  for (int i = 0; i < 50; ++i) m.graph->node.push_back(m.graph->node[0]);
  EXPECT_EQ(CheckModel(m, {.max_findings = 7}).size(), 7u);
}

}  // namespace
}  // namespace samoyed
