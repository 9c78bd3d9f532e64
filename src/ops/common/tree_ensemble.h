// Forests of decision trees as one flat list of nodes: what TreeEnsembleClassifier, TreeEnsembleRegressor and TreeEnsemble
// of ai.onnx.ml are read into, whichever way the model writes them down.
//
// Everything is checked when the forest is made: all indices lie in range and no node can be reached from itself, so a
// walk from a root ends at a leaf after at most as many steps as there are nodes. Features are checked once a run.
#ifndef SAMOYED_OPS_COMMON_TREE_ENSEMBLE_H_
#define SAMOYED_OPS_COMMON_TREE_ENSEMBLE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

enum class BranchMode : uint8_t { kLeq, kLt, kGte, kGt, kEq, kNeq, kMember };  // the numbers of TreeEnsemble-5's nodes_modes

class TreeEnsemble {
 public:
  // A node of the list (>= 0), or the leaf ~index (< 0).
  using Place = int32_t;
  struct Node {
    double threshold = 0;  // kMember: unused
    int32_t feature = 0;
    Place yes = 0, no = 0;
    int32_t members_begin = 0, members_end = 0;  // kMember: the set, in members()
    BranchMode mode = BranchMode::kLeq;
    bool nan_says_yes = false;
  };
  struct Vote {
    int32_t target;
    double weight;
  };

  // From the attributes nodes_*, and <votes>_treeids, _nodeids, _ids, _weights: versions 1 and 3. Votes are for targets
  // [0, num_targets).
  static Result<TreeEnsemble> FromNodeLists(const Attributes& attributes, std::string_view votes, int64_t num_targets);
  // From the attributes of TreeEnsemble, version 5.
  static Result<TreeEnsemble> FromSplitLists(const Attributes& attributes, int64_t num_targets);

  size_t num_trees() const { return roots_.size(); }
  // Rows of features must be at least this long.
  int64_t num_features() const { return num_features_; }
  // The votes of the leaf of a tree that a row of features ends in.
  std::span<const Vote> Walk(size_t tree, const double* row) const;

  // The votes of a leaf.
  std::span<const Vote> votes(Place leaf) const {
    const auto i = static_cast<size_t>(~leaf), begin = static_cast<size_t>(leaf_begin_[i]);
    return std::span(votes_).subspan(begin, static_cast<size_t>(leaf_begin_[i + 1]) - begin);
  }
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Place>& roots() const { return roots_; }
  const std::vector<double>& members() const { return members_; }

 private:
  // An error where a node can be reached from itself. Also sets num_features_.
  Status Check();
  // Leaf i gets the votes whose number in `leaf_of` is i; votes at -1 are dropped.
  void GroupVotes(size_t num_leaves, const std::vector<int32_t>& leaf_of, std::span<const Vote> votes);
  bool SaysYes(const Node& node, double x) const;

  std::vector<Node> nodes_;
  std::vector<Place> roots_;
  std::vector<int32_t> leaf_begin_;  // leaf i has the votes [leaf_begin_[i], leaf_begin_[i + 1])
  std::vector<Vote> votes_;
  std::vector<double> members_;
  int64_t num_features_ = 0;
};

// How votes of several trees for one target become one number; the numbers of TreeEnsemble-5's aggregate_function.
enum class TreeAggregate : uint8_t { kAverage, kSum, kMin, kMax };

// The sums (or averages, ...) of one row, for all targets, and which targets got any vote.
struct TreeScores {
  explicit TreeScores(size_t targets) : score(targets), has_vote(targets) {}
  std::vector<double> score;
  std::vector<uint8_t> has_vote;
};
// One more vote.
inline void AddVote(TreeAggregate aggregate, double weight, double& score, uint8_t& has_vote) {
  if (aggregate == TreeAggregate::kMin) {
    score = has_vote == 0 ? weight : weight < score ? weight : score;
  } else if (aggregate == TreeAggregate::kMax) {
    score = has_vote == 0 ? weight : weight > score ? weight : score;
  } else {
    score += weight;
  }
  has_vote = 1;
}
// What all votes of `trees` trees come to.
inline double EndVotes(TreeAggregate aggregate, size_t trees, double score) {
  return aggregate == TreeAggregate::kAverage && trees > 0 ? score / static_cast<double>(trees) : score;
}

// Not OK once the run was cancelled.
Status Evaluate(KernelContext& ctx, const TreeEnsemble& forest, TreeAggregate aggregate, const double* row, TreeScores& scores);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_TREE_ENSEMBLE_H_
