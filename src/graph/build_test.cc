#include "graph/build.h"

#include <gtest/gtest.h>

namespace samoyed {
namespace {

model::NodeProto MakeNode(std::string op, std::vector<std::string> in, std::vector<std::string> out, std::string domain = "") {
  model::NodeProto n;
  n.op_type = op;
  n.name = op + "_node";
  n.domain = std::move(domain);
  n.input = std::move(in);
  n.output = std::move(out);
  return n;
}

model::ValueInfoProto MakeValue(std::string name) {
  model::ValueInfoProto v;
  v.name = std::move(name);
  v.type.emplace().tensor_type.emplace().elem_type = 1;
  return v;
}

model::ModelProto MakeModel(std::vector<model::NodeProto> nodes) {
  model::ModelProto m;
  m.ir_version = 8;
  m.opset_import.emplace_back().version = 17;
  auto& g = m.graph.emplace();
  g.name = "g";
  g.node = std::move(nodes);
  g.input = {MakeValue("x")};
  g.output = {MakeValue("y")};
  return m;
}

TEST(BuildGraph, ConnectsNamesInAnyOrder) {
  const auto g = BuildGraph(MakeModel({MakeNode("Relu", {"t"}, {"y"}), MakeNode("Relu", {"x"}, {"t"})}));
  ASSERT_TRUE(g.ok()) << g.status().ToString();
  const auto order = (*g)->TopologicalOrder();
  ASSERT_EQ(order.size(), 2u);
  EXPECT_EQ((*g)->value((*g)->node(order[0]).inputs[0]).name, "x");
  EXPECT_EQ((*g)->node(order[0]).since_version, 14);
}

TEST(BuildGraph, RefusesWhatCannotBeConnected) {
  EXPECT_FALSE(BuildGraph(MakeModel({MakeNode("Relu", {"nothing"}, {"y"})})).ok());
  EXPECT_FALSE(BuildGraph(MakeModel({MakeNode("Relu", {"y"}, {"y"})})).ok());
  EXPECT_FALSE(BuildGraph(MakeModel({MakeNode("Relu", {"x"}, {"y"}), MakeNode("Relu", {"x"}, {"y"})})).ok());
  EXPECT_FALSE(BuildGraph(MakeModel({MakeNode("Relu", {"x", "x"}, {"y"})})).ok());
  EXPECT_FALSE(BuildGraph(MakeModel({})).ok());
  EXPECT_FALSE(BuildGraph(model::ModelProto()).ok());
}

TEST(BuildGraph, RefusesVersionsThatAreNone) {
  const auto with = [](int64_t ir, std::vector<std::pair<std::string, int64_t>> imports, std::string domain = "", std::string op = "Relu") {
    auto m = MakeModel({MakeNode(op, {"x"}, {"y"}, domain)});
    m.ir_version = ir;
    m.opset_import.clear();
    for (const auto& [name, version] : imports) {
      m.opset_import.emplace_back().domain = name;
      m.opset_import.back().version = version;
    }
    return BuildGraph(m);
  };
  EXPECT_TRUE(with(8, {{"", 17}}).ok());
  EXPECT_TRUE(with(2, {}).ok()) << "version 1 of the operators, as old files mean it";
  for (int64_t ir : {int64_t{0}, int64_t{-1}, int64_t{1} << 40}) EXPECT_FALSE(with(ir, {{"", 17}}).ok()) << ir;
  EXPECT_FALSE(with(8, {}).ok());
  EXPECT_FALSE(with(8, {{"", 0}}).ok());
  EXPECT_NE(with(8, {{"", -3}}).status().ToString().find("version -3"), std::string::npos);
  EXPECT_TRUE(with(8, {{"", 17}, {"somebody.s", 0}}).ok());
  EXPECT_FALSE(with(8, {{"", 17}}, "ai.onnx.ml", "Normalizer").ok()) << "its domain is not imported";
  EXPECT_TRUE(with(8, {{"", 17}, {"ai.onnx.ml", 1}}, "ai.onnx.ml", "Normalizer").ok());
  const auto newer = with(15, {{"", 1000}});
  ASSERT_TRUE(newer.ok()) << newer.status().ToString();
  EXPECT_EQ((*newer)->notes.size(), 2u);
}

TEST(BuildGraph, VersionsAtTheEndsOfTheirTypeEndTheSearchForAnOperator) {
  for (const char* domain : {"ai.onnx.ml", "com.microsoft", "nobody.knows"}) {
    for (int64_t version : {INT64_MAX, INT64_MIN}) {
      model::ModelProto m = MakeModel({MakeNode("NoSuchOperator", {"x"}, {"y"}, domain)});
      auto& import = m.opset_import.emplace_back();
      import.domain = std::string(domain);
      import.version = version;
      const auto g = BuildGraph(m);
      EXPECT_TRUE(!g.ok() || (*g)->node((*g)->TopologicalOrder()[0]).schema == nullptr);
    }
  }
}

TEST(BuildGraph, AnAttributeOfNoVersionIsRefusedOneOfAnotherVersionNoted) {
  const auto with = [](std::string attribute) {
    auto m = MakeModel({MakeNode("ArgMax", {"x"}, {"y"})});
    m.opset_import[0].version = 11;
    auto& a = m.graph->node[0].attribute.emplace_back();
    a.name = std::move(attribute);
    a.type = 2;
    a.i = 1;
    return BuildGraph(m);
  };
  EXPECT_TRUE((*with("axis"))->notes.empty());
  const auto later = with("select_last_index");  // since version 12
  ASSERT_TRUE(later.ok()) << later.status().ToString();
  EXPECT_EQ((*later)->notes.size(), 1u);
  EXPECT_TRUE(with("__tag__").ok());
  EXPECT_NE(with("wat").status().ToString().find("'wat'"), std::string::npos);
}

TEST(BuildGraph, InputsOfTheModelHaveTypes) {
  auto m = MakeModel({MakeNode("Relu", {"x"}, {"y"})});
  m.graph->input[0].type.emplace();
  EXPECT_NE(BuildGraph(m).status().ToString().find("'x'"), std::string::npos);
  m.graph->input[0].type.reset();
  EXPECT_FALSE(BuildGraph(m).ok());
}

// f(a) = Relu(Relu(a))
model::FunctionProto Twice() {
  model::FunctionProto f;
  f.name = "Twice";
  f.domain = "local";
  f.input = {"a"};
  f.output = {"b"};
  f.node = {MakeNode("Relu", {"a"}, {"t"}), MakeNode("Relu", {"t"}, {"b"})};
  f.opset_import.emplace_back().version = 17;
  return f;
}

TEST(BuildGraph, InlinesFunctionsAndKeepsTheCallersNames) {
  auto m = MakeModel({MakeNode("Twice", {"x"}, {"m"}, "local"), MakeNode("Twice", {"m"}, {"y"}, "local")});
  m.functions = {Twice()};
  const auto g = BuildGraph(m);
  ASSERT_TRUE(g.ok()) << g.status().ToString();
  EXPECT_EQ((*g)->TopologicalOrder().size(), 4u);
  EXPECT_EQ((*g)->value((*g)->outputs[0]).name, "y");
  EXPECT_NE((*g)->FindValue("m"), kNoValue);
}

TEST(BuildGraph, CountsBeforeItExpands) {
  auto m = MakeModel({MakeNode("f40", {"x"}, {"y"}, "local")});
  auto f = Twice();
  f.name = "f0";
  m.functions = {f};
  for (int i = 1; i <= 40; ++i) {
    f.name = StrCat("f", i);
    const std::string inner = StrCat("f", i - 1);
    f.node = {MakeNode(inner, {"a"}, {"t"}, "local"), MakeNode(inner, {"t"}, {"b"}, "local")};
    m.functions.push_back(f);
  }
  const auto bomb = BuildGraph(m);
  ASSERT_FALSE(bomb.ok());
  EXPECT_EQ(bomb.status().code(), Code::kLimit);
  m.functions[0].node = {MakeNode("f40", {"a"}, {"b"}, "local")};
  EXPECT_EQ(BuildGraph(m).status().code(), Code::kBadInput) << "a circle of calls";
}

TEST(BuildGraph, BodiesCaptureOuterNames) {
  model::GraphProto branch;
  branch.name = "branch";
  branch.node = {MakeNode("Relu", {"x"}, {"r"})};
  branch.output = {MakeValue("r")};
  auto node = MakeNode("If", {"c"}, {"y"});
  for (const char* which : {"then_branch", "else_branch"}) {
    auto& a = node.attribute.emplace_back();
    a.name = which;
    a.type = 5;
    a.g = branch;
  }
  auto m = MakeModel({node});
  m.graph->input.push_back(MakeValue("c"));
  const auto g = BuildGraph(m);
  ASSERT_TRUE(g.ok()) << g.status().ToString();
  const Node& n = (*g)->node(0);
  ASSERT_EQ(n.bodies.size(), 2u);
  ASSERT_EQ(n.captures.size(), 1u);
  EXPECT_EQ((*g)->value(n.captures[0]).name, "x");
  EXPECT_EQ((*g)->value(n.captures[0]).consumers.size(), 1u);
}

TEST(Graph, ReplacingAnOutputKeepsItsName) {
  auto g = std::move(BuildGraph(MakeModel({MakeNode("Relu", {"x"}, {"t"}), MakeNode("Relu", {"t"}, {"y"})}))).value();
  const ValueId t = g->FindValue("t"), y = g->FindValue("y"), x = g->FindValue("x");
  EXPECT_TRUE(g->ReplaceUses(y, t));
  EXPECT_EQ(g->value(g->outputs[0]).name, "y");
  EXPECT_EQ(g->outputs[0], t);
  EXPECT_FALSE(g->ReplaceUses(t, x)) << "an input cannot take an output's name over";
}

}  // namespace
}  // namespace samoyed
