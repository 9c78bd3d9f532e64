// Trees are checked once, when they are read: whatever the arrays hold, a walk stays inside and ends.
#include "ops/common/tree_ensemble.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/testing/op_tester.h"

namespace samoyed {
namespace {

using testing::ExpectTensorNear;
using testing::OpTester;
using Ints = std::vector<int64_t>;
using Strings = std::vector<std::string>;

// One tree: node 0 branches on feature 0 at 0.5 to the leaves 1 (weight 10) and 2 (weight 20).
struct Stump {
  Ints tree = {0, 0, 0}, node = {0, 1, 2}, feature = {0, 0, 0}, yes = {1, 0, 0}, no = {2, 0, 0}, missing = {1, 0, 0};
  Strings modes = {"BRANCH_LEQ", "LEAF", "LEAF"};
  std::vector<float> values = {0.5f, 0, 0};
  Ints target_node = {1, 2}, target_id = {0, 0};
  std::vector<float> weights = {10, 20};

  Result<std::vector<Value>> Run(const Tensor& x) const {
    return OpTester("TreeEnsembleRegressor", 3, "ai.onnx.ml")
        .Input(x)
        .Attr("n_targets", int64_t{1})
        .Attr("nodes_treeids", tree)
        .Attr("nodes_nodeids", node)
        .Attr("nodes_featureids", feature)
        .Attr("nodes_modes", modes)
        .Attr("nodes_truenodeids", yes)
        .Attr("nodes_falsenodeids", no)
        .Attr("nodes_values", values)
        .Attr("nodes_missing_value_tracks_true", missing)
        .Attr("target_treeids", Ints(target_node.size()))
        .Attr("target_nodeids", target_node)
        .Attr("target_ids", target_id)
        .Attr("target_weights", weights)
        .Run();
  }
};

TEST(TreeEnsemble, MissingValuesTrackTrue) {
  const auto x = Tensor::Of<float>({3, 1}, {0.5f, 0.75f, NAN});
  const auto out = Stump().Run(x);
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({3, 1}, {10, 20, 10}));
  Stump stump;
  stump.missing[0] = 0;
  ExpectTensorNear((*stump.Run(x))[0].tensor(), Tensor::Of<float>({3, 1}, {10, 20, 20}));
}

TEST(TreeEnsemble, LeavesOfOneTargetVoteOnce) {
  Stump stump;  // what skl2onnx writes for the decision leaves of a classifier of two classes and more
  stump.target_node = {1, 1, 2, 2};
  stump.target_id = {0, 0, 0, 0};
  stump.weights = {1, 1, 2, 2};
  const auto out = stump.Run(Tensor::Of<float>({2, 1}, {0, 1}));
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({2, 1}, {1, 2}));
}

TEST(TreeEnsemble, RefusesWhatWouldLeaveTheArrays) {
  const auto x = Tensor::Of<float>({1, 1}, {0});
  const auto refused = [&](void (*spoil)(Stump&)) {
    Stump stump;
    spoil(stump);
    const auto out = stump.Run(x);
    return !out.ok() && out.status().code() == Code::kBadInput;
  };
  EXPECT_TRUE(refused([](Stump& s) { s.yes[0] = 7; }));
  EXPECT_TRUE(refused([](Stump& s) { s.yes[0] = -1; }));
  EXPECT_TRUE(refused([](Stump& s) { s.yes[0] = 0; }));              // its own child
  EXPECT_TRUE(refused([](Stump& s) { s.modes[1] = "BRANCH_LT"; }));  // a circle over two nodes
  EXPECT_TRUE(refused([](Stump& s) { s.modes[1] = "BRANCH"; }));
  EXPECT_TRUE(refused([](Stump& s) { s.feature[0] = 1; }));
  EXPECT_TRUE(refused([](Stump& s) { s.feature[0] = -1; }));
  EXPECT_TRUE(refused([](Stump& s) { s.feature[0] = int64_t{1} << 40; }));
  EXPECT_TRUE(refused([](Stump& s) { s.node[2] = 1; }));  // twice
  EXPECT_TRUE(refused([](Stump& s) { s.values.pop_back(); }));
  EXPECT_TRUE(refused([](Stump& s) { s.missing.pop_back(); }));
  EXPECT_TRUE(refused([](Stump& s) { s.target_node[0] = 5; }));
  EXPECT_TRUE(refused([](Stump& s) { s.target_id[0] = 1; }));
  EXPECT_TRUE(refused([](Stump& s) { s.tree.clear(); }));
}

TEST(TreeEnsemble, TargetsAreBounded) {
  const auto out = OpTester("TreeEnsembleRegressor", 1, "ai.onnx.ml")
                       .Input(Tensor::Of<float>({0, 1}, {}))
                       .Attr("n_targets", int64_t{1} << 60)
                       .Attr("nodes_treeids", Ints{0})
                       .Attr("nodes_nodeids", Ints{0})
                       .Attr("nodes_featureids", Ints{0})
                       .Attr("nodes_modes", Strings{"LEAF"})
                       .Attr("nodes_truenodeids", Ints{0})
                       .Attr("nodes_falsenodeids", Ints{0})
                       .Attr("nodes_values", std::vector<float>{0})
                       .Run();
  EXPECT_FALSE(out.ok());
}

// TreeEnsemble 5: one node whose children are given by place.
Result<std::vector<Value>> RunSplits(uint8_t mode, Ints yes, Ints yes_leaf, Ints roots, const Tensor& members) {
  return OpTester("TreeEnsemble", 5, "ai.onnx.ml")
      .Input(Tensor::Of<float>({3, 1}, {2, 3, NAN}))
      .Attr("n_targets", int64_t{1})
      .Attr("tree_roots", std::move(roots))
      .Attr("nodes_modes", Tensor::Of<uint8_t>({1}, {mode}))
      .Attr("nodes_splits", Tensor::Of<float>({1}, {0}))
      .Attr("nodes_featureids", Ints{0})
      .Attr("nodes_truenodeids", std::move(yes))
      .Attr("nodes_trueleafs", std::move(yes_leaf))
      .Attr("nodes_falsenodeids", Ints{1})
      .Attr("nodes_falseleafs", Ints{1})
      .Attr("leaf_targetids", Ints{0, 0})
      .Attr("leaf_weights", Tensor::Of<float>({2}, {1, -1}))
      .Attr("membership_values", members)
      .Run();
}

TEST(TreeEnsemble, SetMembership) {
  const auto members = Tensor::Of<float>({3}, {5, 2, NAN});
  const auto out = RunSplits(6, {0}, {1}, {0}, members);
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<float>({3, 1}, {1, -1, -1}));
  EXPECT_FALSE(RunSplits(6, {0}, {1}, {0}, Tensor::Of<float>({0}, {})).ok());
  EXPECT_FALSE(RunSplits(7, {0}, {1}, {0}, members).ok());
  EXPECT_FALSE(RunSplits(0, {0}, {0}, {0}, members).ok());  // its own child
  EXPECT_FALSE(RunSplits(0, {2}, {1}, {0}, members).ok());
  EXPECT_FALSE(RunSplits(0, {0}, {1}, {1}, members).ok());
}

// Two classes that both get votes: the label is the one with more of them, and base_values count for each.
TEST(TreeEnsembleClassifier, TwoClassesWithVotes) {
  const auto out = OpTester("TreeEnsembleClassifier", 3, "ai.onnx.ml")
                       .Input(Tensor::Of<float>({1, 1}, {0}))
                       .Outputs(2)
                       .Attr("classlabels_int64s", Ints{20, 29})
                       .Attr("base_values", std::vector<float>{0.5f, 0.125f})
                       .Attr("nodes_treeids", Ints{0})
                       .Attr("nodes_nodeids", Ints{0})
                       .Attr("nodes_featureids", Ints{0})
                       .Attr("nodes_modes", Strings{"LEAF"})
                       .Attr("nodes_truenodeids", Ints{0})
                       .Attr("nodes_falsenodeids", Ints{0})
                       .Attr("nodes_values", std::vector<float>{0})
                       .Attr("class_treeids", Ints{0, 0})
                       .Attr("class_nodeids", Ints{0, 0})
                       .Attr("class_ids", Ints{0, 1})
                       .Attr("class_weights", std::vector<float>{0.25f, 0.5f})
                       .Run();
  ASSERT_TRUE(out.ok()) << out.status().ToString();
  ExpectTensorNear((*out)[0].tensor(), Tensor::Of<int64_t>({1}, {20}));
  ExpectTensorNear((*out)[1].tensor(), Tensor::Of<float>({1, 2}, {0.75f, 0.625f}));
}

}  // namespace
}  // namespace samoyed
