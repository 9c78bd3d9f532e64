#include "check/infer.h"

#include <gtest/gtest.h>

namespace samoyed {
namespace {

// y = Reshape(x, shape), with y declared as float[2,3] whatever the truth is.
Graph ReshapeGraph(std::vector<int64_t> shape) {
  Graph g;
  const ValueId x = g.AddValue("x", Type::TensorOf(DType::kFloat, Dims{2, 3}));
  const ValueId s = g.AddConstant("s", Tensor::Of<int64_t>({static_cast<int64_t>(shape.size())}, shape));
  const ValueId y = g.AddValue("y", Type::TensorOf(DType::kFloat, Dims{2, 3}));
  g.inputs = {x};
  g.outputs = {y};
  Node node;
  node.name = "r";
  node.op_type = "Reshape";
  node.op = FindOp("", "Reshape");
  node.schema = FindSchema("", "Reshape", 14);
  node.since_version = 14;
  node.inputs = {x, s};
  node.outputs = {y};
  g.AddNode(std::move(node));
  return g;
}

TEST(Infer, FollowsTheInputsItIsGiven) {
  const Graph g = ReshapeGraph({-1});
  const Type given[] = {Type::TensorOf(DType::kFloat, Dims{4, 5})};
  const auto types = InferTypes(g, given);
  ASSERT_TRUE(types.ok());
  EXPECT_EQ((*types)[static_cast<size_t>(g.outputs[0])].ToString(), "tensor(float)[20]");
}

TEST(Infer, BelievesNoDeclarationOfANodeThatCannotRun) {
  Graph g = ReshapeGraph({-1, -1});
  ASSERT_TRUE(AnnotateTypes(g).ok());
  EXPECT_EQ(g.value(g.outputs[0]).type.ToString(), "tensor(float)");
  EXPECT_FALSE(AnnotateTypes(g, {.strict = true}).ok());
}

TEST(Infer, RefusesAnOutputOfAnotherTypeThanDeclared) {
  Graph g = ReshapeGraph({-1});
  g.mutable_value(g.outputs[0]).type = Type::TensorOf(DType::kInt64, Dims{6});
  const Status status = AnnotateTypes(g, {.refuse_false_outputs = true});
  EXPECT_EQ(status.ToString().find("output 'y' of graph") == std::string::npos, false) << status.ToString();
  EXPECT_TRUE(AnnotateTypes(g).ok()) << "only where it is asked for";
  // A shape that is out of date, and a value that may be absent, are no reason to refuse.
  g = ReshapeGraph({-1});
  g.mutable_value(g.outputs[0]).type = Type::OptionalOf(Type::TensorOf(DType::kFloat, Dims{7}));
  EXPECT_TRUE(AnnotateTypes(g, {.refuse_false_outputs = true}).ok());
}

Node MakeNode(const char* op, int version, std::vector<ValueId> inputs, ValueId output) {
  Node node;
  node.name = op;
  node.op_type = op;
  node.op = FindOp("", op);
  node.schema = FindSchema("", op, version);
  node.since_version = version;
  node.inputs = std::move(inputs);
  node.outputs = {output};
  return node;
}

TEST(Infer, GivesASizeThatIsNotKnownAName) {
  Graph g;
  const ValueId limit = g.AddValue("limit", Type::TensorOf(DType::kInt64, Dims{}));
  const ValueId zero = g.AddConstant("zero", Tensor::Scalar<int64_t>(0)), one = g.AddConstant("one", Tensor::Scalar<int64_t>(1));
  const ValueId range = g.AddValue("range", {}), negative = g.AddValue("negative", {}), other = g.AddValue("other", {});
  g.inputs = {limit};
  g.outputs = {negative, other};
  g.AddNode(MakeNode("Range", 11, {zero, limit, one}, range));
  g.AddNode(MakeNode("Neg", 13, {range}, negative));
  g.AddNode(MakeNode("Range", 11, {zero, limit, one}, other));
  ASSERT_TRUE(AnnotateTypes(g).ok());
  const auto size = [&](ValueId id) { return g.value(id).type.shape->at(0); };
  EXPECT_TRUE(size(negative).SameAs(size(range)));
  EXPECT_FALSE(size(other).SameAs(size(range)));
}

TEST(Infer, KnowsWhatASequenceOfConstantsHolds) {
  Graph g;
  const ValueId x = g.AddConstant("x", Tensor::Of<float>({2}, {1, 2}));
  const ValueId y = g.AddValue("y", {});
  g.outputs = {y};
  g.AddNode(MakeNode("SequenceConstruct", 11, {x, x}, y));
  ASSERT_TRUE(AnnotateTypes(g).ok());
  EXPECT_EQ(g.value(y).type.ToString(), "seq(tensor(float)[2])");
}

}  // namespace
}  // namespace samoyed
