#include "graph/export.h"

#include <gtest/gtest.h>

#include "graph/build.h"
#include "wire/tensor_data.h"

namespace samoyed {
namespace {

model::NodeProto MakeNode(std::string op, std::vector<std::string> in, std::vector<std::string> out, std::string domain = "") {
  model::NodeProto n;
  n.op_type = op;
  n.name = op + "_node";
  if (!domain.empty()) n.domain = std::move(domain);
  n.input = std::move(in);
  n.output = std::move(out);
  return n;
}

model::ValueInfoProto MakeValue(std::string name, int32_t type = 1) {
  model::ValueInfoProto v;
  v.name = std::move(name);
  v.type.emplace().tensor_type.emplace().elem_type = type;
  return v;
}

model::TensorProto MakeTensor(const std::string& name, int64_t size) {
  model::TensorProto t = wire::FromTensor(Tensor::Of<float>({size}, std::vector<float>(static_cast<size_t>(size), 1.5f)));
  t.name = name;
  return t;
}

model::ModelProto MakeModel(std::vector<model::NodeProto> nodes) {
  model::ModelProto m;
  m.ir_version = 8;
  m.opset_import.emplace_back().version = 17;
  auto& g = m.graph.emplace();
  g.name = std::string("g");
  g.node = std::move(nodes);
  g.input = {MakeValue("x")};
  g.output = {MakeValue("y")};
  return m;
}

// An If whose branches both make a value named "t" from "x" and a constant of `size` floats.
model::ModelProto WithBranches(int64_t size) {
  model::NodeProto node = MakeNode("If", {"c"}, {"y"});
  for (const char* branch : {"then_branch", "else_branch"}) {
    model::AttributeProto& a = node.attribute.emplace_back();
    a.name = std::string(branch);
    a.type = static_cast<int32_t>(model::AttributeType::kGraph);
    model::GraphProto& body = a.g.emplace();
    body.name = std::string(branch);
    body.node = {MakeNode("Add", {"x", "w"}, {"t"})};
    body.initializer = {MakeTensor("w", size)};
    body.output = {MakeValue("t")};
  }
  model::ModelProto m = MakeModel({node});
  m.graph->input.push_back(MakeValue("c", 9));
  return m;
}

model::ModelProto Exported(const model::ModelProto& m) {
  const auto graph = BuildGraph(m);
  EXPECT_TRUE(graph.ok()) << graph.status().ToString();
  if (!graph.ok()) return {};
  auto out = ExportModel(**graph);
  EXPECT_TRUE(out.ok()) << out.status().ToString();
  if (!out.ok()) return {};
  const auto again = BuildGraph(*out);
  EXPECT_TRUE(again.ok()) << again.status().ToString();
  return std::move(out).value();
}

TEST(ExportModel, KeepsNamesAttributesAndConstants) {
  model::NodeProto gemm = MakeNode("Gemm", {"x", "w"}, {"y"});
  model::AttributeProto& alpha = gemm.attribute.emplace_back();
  alpha.name = std::string("alpha");
  alpha.type = static_cast<int32_t>(model::AttributeType::kFloat);
  alpha.f = 0.5f;
  model::ModelProto m = MakeModel({gemm});
  m.graph->initializer = {MakeTensor("w", 3), MakeTensor("unused", 3)};
  const model::ModelProto out = Exported(m);
  ASSERT_EQ(out.graph->node.size(), 1u);
  const model::NodeProto& node = out.graph->node[0];
  EXPECT_EQ(node.name.get(), "Gemm_node");
  EXPECT_EQ(node.input, (std::vector<std::string>{"x", "w"}));
  EXPECT_EQ(node.output, (std::vector<std::string>{"y"}));
  ASSERT_EQ(node.attribute.size(), 1u);
  EXPECT_EQ(node.attribute[0].f.get(), 0.5f);
  ASSERT_EQ(out.graph->initializer.size(), 1u);
  EXPECT_EQ(out.graph->initializer[0].raw_data.view.size(), 12u);
  EXPECT_EQ(out.opset_import[0].version.get(), 17);
}

TEST(ExportModel, InitializersNeedNotBeInputs) {
  model::ModelProto m = MakeModel({MakeNode("Add", {"x", "w"}, {"y"})});
  m.ir_version = 3;
  m.opset_import[0].version = 8;
  m.graph->initializer = {MakeTensor("w", 3)};
  m.graph->input.push_back(MakeValue("w"));
  const model::ModelProto out = Exported(m);
  EXPECT_EQ(out.ir_version.get(), 4);
  EXPECT_EQ(out.graph->input.size(), 1u);
}

TEST(ExportModel, NamesInBodiesHideNothing) {
  const model::ModelProto out = Exported(WithBranches(3));
  const auto& attributes = out.graph->node[0].attribute;
  ASSERT_EQ(attributes.size(), 2u);
  EXPECT_NE(attributes[0].g->output[0].name.get(), attributes[1].g->output[0].name.get());
  EXPECT_EQ(attributes[0].g->node[0].input[0], "x");
  EXPECT_EQ(attributes[0].g->initializer.size(), 1u);
}

TEST(ExportModel, LargeConstantsOfBodiesGoToTheMainGraph) {
  const model::ModelProto out = Exported(WithBranches(1000));
  const auto& attributes = out.graph->node[0].attribute;
  ASSERT_EQ(attributes.size(), 2u);
  EXPECT_TRUE(attributes[0].g->initializer.empty());
  ASSERT_EQ(out.graph->initializer.size(), 2u);  // two buffers, so two constants
  EXPECT_EQ(attributes[0].g->node[0].input[1], out.graph->initializer[0].name.get());
}

TEST(ExportModel, ABodyMakesItsOutputsItself) {
  model::ModelProto m = WithBranches(3);
  model::GraphProto& body = *m.graph->node[0].attribute[0].g;
  body.node = {MakeNode("Identity", {"x"}, {"t"})};
  auto graph = BuildGraph(m);
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  // As passes leave it: the Identity is gone, the branch hands on what it captures.
  for (NodeId id = 0; id < (*graph)->num_node_slots(); ++id) {
    Graph& branch = *(*graph)->mutable_node(id).bodies[0];
    const NodeId identity = branch.TopologicalOrder()[0];
    const ValueId captured = branch.node(identity).inputs[0];
    branch.RemoveNode(identity);
    branch.outputs = {captured};
  }
  const auto out = ExportModel(**graph);
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  const model::GraphProto& then_branch = *out->graph->node[0].attribute[0].g;
  ASSERT_EQ(then_branch.node.size(), 1u);
  EXPECT_EQ(then_branch.node[0].op_type.get(), "Identity");
  EXPECT_EQ(then_branch.node[0].input[0], "x");
  EXPECT_EQ(then_branch.output[0].name.get(), then_branch.node[0].output[0]);
}

TEST(ExportModel, ImportsWhatIsUsed) {
  model::ModelProto m = MakeModel({MakeNode("Relu", {"x"}, {"t"}), MakeNode("Inverse", {"t"}, {"y"}, "com.microsoft")});
  for (const char* domain : {"com.microsoft", "nobody.uses"}) {
    auto& import = m.opset_import.emplace_back();
    import.domain = std::string(domain);
    import.version = 1;
  }
  const model::ModelProto out = Exported(m);
  ASSERT_EQ(out.opset_import.size(), 2u);
  EXPECT_EQ(out.opset_import[1].domain.get(), "com.microsoft");
  EXPECT_EQ(out.graph->node[1].domain.get(), "com.microsoft");
}

TEST(ExportModel, RefusesWhatOnnxCannotSay) {
  const auto graph = BuildGraph(MakeModel({MakeNode("Relu", {"x"}, {"y"})}));
  ASSERT_TRUE(graph.ok());
  Node& node = (*graph)->mutable_node(0);
  node.epilogue.activation = Activation::kRelu;
  EXPECT_FALSE(ExportModel(**graph).ok());
  node.epilogue = {};
  EXPECT_TRUE(ExportModel(**graph).ok());
  node.schema = FindSchema("", "Relu", 6);  // as of a function that imports opset 6
  const auto other = ExportModel(**graph);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.status().code(), Code::kUnsupported);
  EXPECT_NE(other.status().ToString().find("Relu_node"), std::string::npos);
}

}  // namespace
}  // namespace samoyed
