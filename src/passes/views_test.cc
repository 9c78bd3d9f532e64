// What the passes may take away of reshapes and slices: only what cannot fail.
#include <gtest/gtest.h>

#include <limits>

#include "passes/passes.h"

namespace samoyed::passes {
namespace {

// y = `op`(x, parameters...), then Reshape(y, [-1]).
class Chain {
 public:
  Chain(std::string_view op, Dims in, Dims out) {
    x_ = graph_.AddValue("x", Type::TensorOf(DType::kFloat, std::move(in)));
    graph_.inputs = {x_};
    node_.name = "first";
    node_.op_type = op;
    node_.op = FindOp("", op);
    node_.schema = FindSchema("", op, 13);
    node_.since_version = node_.schema->since_version;
    node_.inputs = {x_};
    y_ = graph_.AddValue("y", Type::TensorOf(DType::kFloat, std::move(out)));
  }
  Chain& Constant(std::vector<int64_t> values) {
    const Shape shape{static_cast<int64_t>(values.size())};
    node_.inputs.push_back(graph_.AddConstant("", Tensor::Of<int64_t>(shape, values)));
    return *this;
  }
  Chain& AtRunTime() {
    node_.inputs.push_back(graph_.AddValue("s", Type::TensorOf(DType::kInt64, Dims{2})));
    graph_.inputs.push_back(node_.inputs.back());
    return *this;
  }
  // What a pass changes.
  int Changes(Result<int> (*pass)(Graph&)) {
    node_.outputs = {y_};
    graph_.AddNode(std::move(node_));
    Node flat;
    flat.name = "flat";
    flat.op_type = "Reshape";
    flat.op = FindOp("", "Reshape");
    flat.schema = FindSchema("", "Reshape", 13);
    flat.since_version = flat.schema->since_version;
    flat.inputs = {y_, graph_.AddConstant("", Tensor::Of<int64_t>({1}, {-1}))};
    flat.outputs = {graph_.AddValue("z", Type::TensorOf(DType::kFloat, Dims{Dim()}))};
    graph_.outputs = flat.outputs;
    graph_.AddNode(std::move(flat));
    const auto changes = pass(graph_);
    return changes.ok() ? *changes : -1;
  }

 private:
  Graph graph_;
  Node node_;
  ValueId x_ = kNoValue, y_ = kNoValue;
};

const Dim kN = Dim::Symbol("n");

TEST(Views, ReshapesMergeOnlyWhereTheFirstCannotFail) {
  EXPECT_EQ(Chain("Reshape", {6}, {2, 3}).Constant({2, 3}).Changes(MergeViews), 1);
  EXPECT_EQ(Chain("Reshape", {6}, {2, 3}).AtRunTime().Changes(MergeViews), 0) << "the shape may not fit";
  EXPECT_EQ(Chain("Reshape", {kN}, {2, 3}).Constant({2, 3}).Changes(MergeViews), 0) << "n may not be 6";
  EXPECT_EQ(Chain("Squeeze", {1, 6}, {6}).Constant({0}).Changes(MergeViews), 1);
  EXPECT_EQ(Chain("Squeeze", {1, 6}, {6}).AtRunTime().Changes(MergeViews), 0) << "the axes may be wrong";
}

TEST(Views, WhatChangesNothingGoesOnlyWhereThatIsProven) {
  EXPECT_EQ(Chain("Reshape", {2, 3}, {2, 3}).Constant({2, 3}).Changes(RemoveNoOps), 1);
  EXPECT_EQ(Chain("Reshape", {2, 3}, {2, 3}).AtRunTime().Changes(RemoveNoOps), 0) << "only the declaration says so";
  EXPECT_EQ(Chain("Reshape", {kN, 3}, {kN, 3}).Constant({-1, 3}).Changes(RemoveNoOps), 1);
  EXPECT_EQ(Chain("Expand", {2, 3}, {2, 3}).AtRunTime().Changes(RemoveNoOps), 0);
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Chain("Slice", {kN}, {kN}).Constant({0}).Constant({kEnd}).Changes(RemoveNoOps), 1);
  EXPECT_EQ(Chain("Slice", {kN}, {kN}).Constant({1}).Constant({kEnd}).Changes(RemoveNoOps), 0) << "a name that was reused proves nothing";
}

}  // namespace
}  // namespace samoyed::passes
