// Tree ensembles of the cpu provider against the reference: the same votes in the same order, so the same bits.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "kernels/check.h"
#include "tensor/convert.h"

namespace samoyed::testing {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

// A random forest as lists of attributes. Values and thresholds are small integers and halves, so that equality happens.
class Forest {
 public:
  Forest(uint32_t seed, std::vector<std::string> modes, int trees, int depth, int64_t features, int64_t targets)
      : random_(seed), modes_(std::move(modes)), features_(features), targets_(targets) {
    for (int64_t t = 0; t < trees; ++t) Grow(t, depth);
  }
  std::vector<Attribute> Lists(const std::string& votes, bool tensors) const {
    std::vector<Attribute> out = {{"nodes_treeids", tree_},
                                  {"nodes_nodeids", id_},
                                  {"nodes_featureids", feature_},
                                  {"nodes_truenodeids", yes_},
                                  {"nodes_falsenodeids", no_},
                                  {"nodes_modes", mode_},
                                  {"nodes_missing_value_tracks_true", missing_},
                                  {votes + "_treeids", vote_tree_},
                                  {votes + "_nodeids", vote_node_},
                                  {votes + "_ids", vote_target_}};
    if (tensors) {  // thresholds between two floats
      std::vector<double> values(value_.begin(), value_.end()), weights(weight_.begin(), weight_.end());
      for (double& v : values) v += 1e-12;
      const auto n = static_cast<int64_t>(values.size()), m = static_cast<int64_t>(weights.size());
      out.push_back({"nodes_values_as_tensor", Tensor::Of<double>(Shape({n}), std::span<const double>(values))});
      out.push_back({votes + "_weights_as_tensor", Tensor::Of<double>(Shape({m}), std::span<const double>(weights))});
    } else {
      out.push_back({"nodes_values", value_});
      out.push_back({votes + "_weights", weight_});
    }
    return out;
  }

 private:
  int64_t Below(int64_t n) { return std::uniform_int_distribution<int64_t>(0, n - 1)(random_); }
  void Grow(int64_t tree, int depth) {
    int64_t next = 1;
    const auto grow = [&](auto&& self, int64_t id, int left) -> void {
      const bool leaf = left == 0 || (left < depth && Below(4) == 0);
      const size_t at = tree_.size();
      tree_.push_back(tree);
      id_.push_back(id);
      feature_.push_back(leaf ? 0 : Below(features_));
      mode_.push_back(leaf ? "LEAF" : modes_[static_cast<size_t>(Below(static_cast<int64_t>(modes_.size())))]);
      value_.push_back(leaf ? 0 : static_cast<float>(Below(9) - 4) / 2);
      missing_.push_back(Below(2));
      yes_.push_back(0);
      no_.push_back(0);
      if (leaf) {
        for (int64_t v = Below(3); v-- > 0;) {  // leaves without a vote, too
          vote_tree_.push_back(tree);
          vote_node_.push_back(id);
          vote_target_.push_back(Below(targets_));
          weight_.push_back(static_cast<float>(Below(2001) - 1000) / 700);
        }
        return;
      }
      yes_[at] = next++;
      no_[at] = next++;
      const int64_t yes = yes_[at], no = no_[at];
      self(self, yes, left - 1);
      self(self, no, left - 1);
    };
    grow(grow, 0, depth);
  }

  std::mt19937 random_;
  std::vector<std::string> modes_;
  int64_t features_, targets_;
  Ints tree_, id_, feature_, yes_, no_, missing_, vote_tree_, vote_node_, vote_target_;
  std::vector<std::string> mode_;
  Floats value_, weight_;
};

Tensor Rows(DType dtype, int64_t rows, int64_t features) {
  std::vector<double> values;
  for (int64_t i = 0; i < rows * features; ++i) values.push_back(static_cast<double>(i * 7919 % 11 - 5) / 2);
  for (size_t i = 3; i < values.size(); i += 17) values[i] = std::nan("");
  for (size_t i = 5; i < values.size(); i += 31) values[i] = i % 2 == 0 ? HUGE_VAL : -HUGE_VAL;
  Tensor t = Tensor::Allocate(dtype, Shape({rows, features})).value();
  StoreAll(t, values);
  return t;
}

const std::vector<std::vector<std::string>> kModes = {{"BRANCH_LEQ"},
                                                      {"BRANCH_LT"},
                                                      {"BRANCH_GT", "BRANCH_GTE"},
                                                      {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"}};

void CheckExactly(const Make& make) { Check(make, 0, 0); }

TEST(Trees, RegressorsOfEveryMode) {
  uint32_t seed = 0;
  for (const auto& modes : kModes) {
    for (const char* aggregate : {"SUM", "AVERAGE", "MIN", "MAX"}) {
      for (const int64_t targets : {1, 3}) {
        for (const DType dtype : {DType::kFloat, DType::kDouble, DType::kInt64}) {
          const bool tensors = ++seed % 2 == 0;
          SCOPED_TRACE(StrCat(modes[0], " ", aggregate, " ", targets, " ", NameOf(dtype)));
          CheckExactly([&](GraphMaker& g) {
            std::vector<Attribute> attributes = Forest(seed, modes, 11, 6, 5, targets).Lists("target", tensors);
            attributes.push_back({"n_targets", targets});
            attributes.push_back({"aggregate_function", std::string(aggregate)});
            for (const int64_t rows : {1, 7, 8, 300})
              g.Output(g.Op("ai.onnx.ml:TreeEnsembleRegressor", {g.Input(Rows(dtype, rows, 5))}, attributes));
          });
        }
      }
    }
  }
}

TEST(Trees, Classifiers) {
  uint32_t seed = 100;
  for (const char* transform : {"NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"}) {
    for (const int64_t classes : {2, 4}) {
      for (const int64_t voted : {int64_t{1}, classes}) {
        ++seed;
        SCOPED_TRACE(StrCat(transform, " ", classes, " ", voted));
        CheckExactly([&](GraphMaker& g) {
          std::vector<Attribute> attributes = Forest(seed, kModes[0], 9, 5, 4, voted).Lists("class", false);
          Ints labels;
          for (int64_t i = 0; i < classes; ++i) labels.push_back(10 * i);
          attributes.push_back({"classlabels_int64s", labels});
          attributes.push_back({"post_transform", std::string(transform)});
          if (voted != 1) attributes.push_back({"base_values", Floats(static_cast<size_t>(classes), 0.25f)});
          for (const ValueId y : g.Add("ai.onnx.ml:TreeEnsembleClassifier", {g.Input(Rows(DType::kFloat, 100, 4))}, attributes, 2))
            g.Output(y);
        });
      }
    }
  }
}

// Version 5: a set, an equality and a comparison, and what each makes of NaN.
TEST(Trees, Sets) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const int64_t missing : {0, 1}) {
    CheckExactly([&](GraphMaker& g) {
      const std::vector<Attribute> attributes = {
          {"n_targets", int64_t{2}},
          {"nodes_modes", Tensor::Of<uint8_t>({3}, {6, 4, 0})},
          {"nodes_splits", Tensor::Of<float>({3}, {0, 1.5f, -0.5f})},
          {"membership_values", Tensor::Of<float>({4}, {2.5f, -1, 0.5f, kNan})},
          {"nodes_featureids", Ints{0, 1, 2}},
          {"nodes_truenodeids", Ints{1, 0, 2}},
          {"nodes_trueleafs", Ints{0, 1, 1}},
          {"nodes_falsenodeids", Ints{2, 1, 3}},
          {"nodes_falseleafs", Ints{0, 1, 1}},
          {"nodes_missing_value_tracks_true", Ints{missing, missing, missing}},
          {"tree_roots", Ints{0, 1}},
          {"leaf_targetids", Ints{0, 1, 1, 0}},
          {"leaf_weights", Tensor::Of<float>({4}, {1, 2, 4, 8})},
      };
      g.Output(g.Op("ai.onnx.ml:TreeEnsemble", {g.Input(Rows(DType::kFloat, 200, 3))}, attributes));
      std::vector<Attribute> wide = attributes;
      wide[2].value = Tensor::Of<double>({3}, {0, 1.5, -0.5});
      wide[3].value = Tensor::Of<double>({4}, {2.5, -1, 0.5, kNan});
      wide[12].value = Tensor::Of<double>({4}, {1, 2, 4, 8});
      g.Output(g.Op("ai.onnx.ml:TreeEnsemble", {g.Input(Rows(DType::kDouble, 20, 3))}, wide));
    });
  }
}

}  // namespace
}  // namespace samoyed::testing
