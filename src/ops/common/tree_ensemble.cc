#include "ops/common/tree_ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

constexpr size_t kMaxNodes = std::numeric_limits<int32_t>::max() / 2;

// Numbers that an attribute holds as floats, or its twin <name>_as_tensor as a tensor.
Result<std::vector<double>> Numbers(const Attributes& attributes, const std::string& name) {
  if (const Tensor* t = attributes.TensorOf(name + "_as_tensor")) {
    if (!IsFloat(t->dtype())) return BadInput(name, "_as_tensor holds ", NameOf(t->dtype()), ", it must hold floats");
    return LoadAll<double>(*t);
  }
  const std::span<const float> floats = attributes.Floats(name);
  return std::vector<double>(floats.begin(), floats.end());
}

Result<std::vector<double>> FloatTensor(const Attributes& attributes, std::string_view name) {
  const Tensor* t = attributes.TensorOf(name);
  if (t == nullptr) return std::vector<double>();
  if (!IsFloat(t->dtype())) return BadInput(name, " holds ", NameOf(t->dtype()), ", it must hold floats");
  return LoadAll<double>(*t);
}

Status CheckLength(std::string_view name, size_t length, size_t expected) {
  if (length == expected) return OkStatus();
  return BadInput("attribute ", name, " has ", length, " elements, but its sisters have ", expected);
}

Result<int32_t> CheckIndex(std::string_view name, int64_t index, int64_t end) {
  if (index < 0 || index >= end) return BadInput("attribute ", name, " holds ", index, ", which is not in [0, ", end, ")");
  return static_cast<int32_t>(index);
}

Result<int32_t> CheckFeature(int64_t feature) { return CheckIndex("nodes_featureids", feature, std::numeric_limits<int32_t>::max()); }

// Finds nodes by tree and node id.
class NodeIndex {
 public:
  static Result<NodeIndex> Make(std::span<const int64_t> trees, std::span<const int64_t> nodes) {
    NodeIndex index;
    index.keys_.reserve(trees.size());
    for (size_t i = 0; i < trees.size(); ++i) index.keys_.emplace_back(trees[i], nodes[i], static_cast<int32_t>(i));
    std::ranges::sort(index.keys_);
    for (size_t i = 1; i < index.keys_.size(); ++i) {
      const auto& [tree, node, at] = index.keys_[i];
      if (std::get<0>(index.keys_[i - 1]) == tree && std::get<1>(index.keys_[i - 1]) == node) {
        return BadInput("node ", node, " of tree ", tree, " is there twice");
      }
    }
    return index;
  }
  Result<int32_t> Find(std::string_view what, int64_t tree, int64_t node) const {
    const auto it = std::ranges::lower_bound(keys_, std::tuple(tree, node, int32_t{0}));
    if (it == keys_.end() || std::get<0>(*it) != tree || std::get<1>(*it) != node) {
      return BadInput("attribute ", what, " names node ", node, " of tree ", tree, ", which does not exist");
    }
    return std::get<2>(*it);
  }

 private:
  std::vector<std::tuple<int64_t, int64_t, int32_t>> keys_;
};

constexpr std::pair<std::string_view, BranchMode> kModeNames[] = {
    {"BRANCH_LEQ", BranchMode::kLeq}, {"BRANCH_LT", BranchMode::kLt}, {"BRANCH_GTE", BranchMode::kGte},
    {"BRANCH_GT", BranchMode::kGt},   {"BRANCH_EQ", BranchMode::kEq}, {"BRANCH_NEQ", BranchMode::kNeq},
};

// The attributes that versions 1 and 3 describe nodes by, of one length.
struct NodeLists {
  std::span<const int64_t> trees, ids, features, yes, no, nan_says_yes;
  std::span<const std::string> modes;
  std::vector<double> thresholds;

  static Result<NodeLists> Read(const Attributes& a) {
    NodeLists lists = {a.Ints("nodes_treeids"),      a.Ints("nodes_nodeids"),
                       a.Ints("nodes_featureids"),   a.Ints("nodes_truenodeids"),
                       a.Ints("nodes_falsenodeids"), a.Ints("nodes_missing_value_tracks_true"),
                       a.Strings("nodes_modes"),     {}};
    SAMOYED_ASSIGN_OR_RETURN(lists.thresholds, Numbers(a, "nodes_values"));
    const size_t n = lists.trees.size();
    if (n == 0 || n > kMaxNodes) return BadInput("nodes_treeids has ", n, " elements; 1 to ", kMaxNodes, " nodes are possible");
    SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_nodeids", lists.ids.size(), n));
    SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_featureids", lists.features.size(), n));
    SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_truenodeids", lists.yes.size(), n));
    SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_falsenodeids", lists.no.size(), n));
    SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_modes", lists.modes.size(), n));
    SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_values", lists.thresholds.size(), n));
    if (!lists.nan_says_yes.empty()) SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_missing_value_tracks_true", lists.nan_says_yes.size(), n));
    return lists;
  }
};

}  // namespace

Result<TreeEnsemble> TreeEnsemble::FromNodeLists(const Attributes& attributes, std::string_view votes, int64_t num_targets) {
  SAMOYED_ASSIGN_OR_RETURN(const NodeLists lists, NodeLists::Read(attributes));
  const size_t n = lists.trees.size();
  SAMOYED_ASSIGN_OR_RETURN(const NodeIndex index, NodeIndex::Make(lists.trees, lists.ids));

  // Where each listed node goes: branches into nodes_, leaves into the list of leaves.
  TreeEnsemble forest;
  std::vector<Place> place(n);
  std::vector<size_t> listed;  // of each branch
  int32_t leaves = 0;
  for (size_t i = 0; i < n; ++i) {
    if (lists.modes[i] == "LEAF") {
      place[i] = ~leaves++;
      continue;
    }
    const auto mode = std::ranges::find(kModeNames, std::string_view(lists.modes[i]), &std::pair<std::string_view, BranchMode>::first);
    if (mode == std::end(kModeNames))
      return BadInput("attribute nodes_modes holds ", Quote(lists.modes[i]), ", which is no mode of a node");
    place[i] = static_cast<Place>(listed.size());
    listed.push_back(i);
    Node node;
    node.mode = mode->second;
    node.threshold = lists.thresholds[i];
    SAMOYED_ASSIGN_OR_RETURN(node.feature, CheckFeature(lists.features[i]));
    node.nan_says_yes = !lists.nan_says_yes.empty() && lists.nan_says_yes[i] != 0;
    forest.nodes_.push_back(node);
  }
  std::vector<uint8_t> has_parent(n);
  for (size_t k = 0; k < listed.size(); ++k) {
    const size_t i = listed[k];
    SAMOYED_ASSIGN_OR_RETURN(const int32_t yes, index.Find("nodes_truenodeids", lists.trees[i], lists.yes[i]));
    SAMOYED_ASSIGN_OR_RETURN(const int32_t no, index.Find("nodes_falsenodeids", lists.trees[i], lists.no[i]));
    forest.nodes_[k].yes = place[static_cast<size_t>(yes)];
    forest.nodes_[k].no = place[static_cast<size_t>(no)];
    has_parent[static_cast<size_t>(yes)] = has_parent[static_cast<size_t>(no)] = 1;
  }
  // A tree begins at its first node that is nobody's child.
  std::vector<int64_t> rooted;
  for (size_t i = 0; i < n; ++i) {
    if (has_parent[i] || (!rooted.empty() && rooted.back() == lists.trees[i])) continue;
    rooted.push_back(lists.trees[i]);
    forest.roots_.push_back(place[i]);
  }

  const std::string name(votes);
  const std::span<const int64_t> vote_trees = attributes.Ints(name + "_treeids"), vote_nodes = attributes.Ints(name + "_nodeids"),
                                 vote_ids = attributes.Ints(name + "_ids");
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> weights, Numbers(attributes, name + "_weights"));
  SAMOYED_RETURN_IF_ERROR(CheckLength(name + "_nodeids", vote_nodes.size(), vote_trees.size()));
  SAMOYED_RETURN_IF_ERROR(CheckLength(name + "_ids", vote_ids.size(), vote_trees.size()));
  SAMOYED_RETURN_IF_ERROR(CheckLength(name + "_weights", weights.size(), vote_trees.size()));
  if (vote_trees.size() > kMaxNodes) return LimitExceeded(name, "_treeids has ", vote_trees.size(), " elements");
  std::vector<int32_t> leaf_of;
  std::vector<uint8_t> voted(static_cast<size_t>(leaves));
  std::vector<Vote> list;
  for (size_t i = 0; i < vote_trees.size(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const int32_t node, index.Find(name + "_nodeids", vote_trees[i], vote_nodes[i]));
    SAMOYED_ASSIGN_OR_RETURN(const int32_t target, CheckIndex(name + "_ids", vote_ids[i], num_targets));
    const Place at = place[static_cast<size_t>(node)];
    // skl2onnx lists the leaves of a decision path once for every class, all for the one target: the first counts, as in ONNX Runtime.
    if (num_targets == 1 && at < 0 && std::exchange(voted[static_cast<size_t>(~at)], uint8_t{1}) != 0) continue;
    leaf_of.push_back(at < 0 ? ~at : -1);  // votes at branches count for nothing
    list.push_back({target, weights[i]});
  }
  forest.GroupVotes(static_cast<size_t>(leaves), leaf_of, list);
  SAMOYED_RETURN_IF_ERROR(forest.Check());
  return forest;
}

Result<TreeEnsemble> TreeEnsemble::FromSplitLists(const Attributes& attributes, int64_t num_targets) {
  const Tensor* modes = attributes.TensorOf("nodes_modes");
  if (modes == nullptr || modes->dtype() != DType::kUint8) return BadInput("TreeEnsemble needs nodes_modes as a tensor of uint8");
  const auto n = static_cast<size_t>(modes->size());
  if (n == 0 || n > kMaxNodes) return BadInput("nodes_modes has ", n, " elements; 1 to ", kMaxNodes, " nodes are possible");
  const std::span<const int64_t> features = attributes.Ints("nodes_featureids"), yes = attributes.Ints("nodes_truenodeids"),
                                 no = attributes.Ints("nodes_falsenodeids"), yes_leaf = attributes.Ints("nodes_trueleafs"),
                                 no_leaf = attributes.Ints("nodes_falseleafs"), targets = attributes.Ints("leaf_targetids"),
                                 nan_says_yes = attributes.Ints("nodes_missing_value_tracks_true");
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> splits, FloatTensor(attributes, "nodes_splits"));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> weights, FloatTensor(attributes, "leaf_weights"));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> members, FloatTensor(attributes, "membership_values"));
  SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_featureids", features.size(), n));
  SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_truenodeids", yes.size(), n));
  SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_falsenodeids", no.size(), n));
  SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_trueleafs", yes_leaf.size(), n));
  SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_falseleafs", no_leaf.size(), n));
  SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_splits", splits.size(), n));
  if (!nan_says_yes.empty()) SAMOYED_RETURN_IF_ERROR(CheckLength("nodes_missing_value_tracks_true", nan_says_yes.size(), n));
  SAMOYED_RETURN_IF_ERROR(CheckLength("leaf_weights", weights.size(), targets.size()));
  if (targets.size() > kMaxNodes || members.size() > kMaxNodes)
    return LimitExceeded("TreeEnsemble: more than ", kMaxNodes, " leaves or members");

  TreeEnsemble forest;
  const auto leaves = static_cast<int64_t>(targets.size());
  const auto child = [&](std::string_view name, int64_t id, bool leaf) -> Result<Place> {
    SAMOYED_ASSIGN_OR_RETURN(const int32_t at, CheckIndex(name, id, leaf ? leaves : static_cast<int64_t>(n)));
    return leaf ? ~at : at;
  };
  size_t next_member = 0;
  for (size_t i = 0; i < n; ++i) {
    Node node;
    const uint8_t mode = modes->data<uint8_t>()[i];
    if (mode > static_cast<uint8_t>(BranchMode::kMember))
      return BadInput("attribute nodes_modes holds ", mode, ", which is no mode of a node");
    node.mode = static_cast<BranchMode>(mode);
    node.threshold = splits[i];
    SAMOYED_ASSIGN_OR_RETURN(node.feature, CheckFeature(features[i]));
    node.nan_says_yes = !nan_says_yes.empty() && nan_says_yes[i] != 0;
    SAMOYED_ASSIGN_OR_RETURN(node.yes, child("nodes_truenodeids", yes[i], yes_leaf[i] != 0));
    SAMOYED_ASSIGN_OR_RETURN(node.no, child("nodes_falsenodeids", no[i], no_leaf[i] != 0));
    if (node.mode == BranchMode::kMember) {
      if (next_member >= members.size()) return BadInput("membership_values has fewer sets than nodes_modes has BRANCH_MEMBER");
      node.members_begin = static_cast<int32_t>(forest.members_.size());
      for (; next_member < members.size() && !std::isnan(members[next_member]); ++next_member)
        forest.members_.push_back(members[next_member]);
      ++next_member;  // the NaN that ends the set
      node.members_end = static_cast<int32_t>(forest.members_.size());
      std::sort(forest.members_.begin() + node.members_begin, forest.members_.end());
    }
    forest.nodes_.push_back(node);
  }
  for (int64_t root : attributes.Ints("tree_roots")) {
    SAMOYED_ASSIGN_OR_RETURN(const int32_t at, CheckIndex("tree_roots", root, static_cast<int64_t>(n)));
    forest.roots_.push_back(at);
  }
  std::vector<int32_t> leaf_of(targets.size());
  std::vector<Vote> votes;
  for (size_t i = 0; i < targets.size(); ++i) {
    leaf_of[i] = static_cast<int32_t>(i);
    SAMOYED_ASSIGN_OR_RETURN(const int32_t target, CheckIndex("leaf_targetids", targets[i], num_targets));
    votes.push_back({target, weights[i]});
  }
  forest.GroupVotes(targets.size(), leaf_of, votes);
  SAMOYED_RETURN_IF_ERROR(forest.Check());
  return forest;
}

void TreeEnsemble::GroupVotes(size_t num_leaves, const std::vector<int32_t>& leaf_of, std::span<const Vote> votes) {
  leaf_begin_.assign(num_leaves + 1, 0);
  for (int32_t leaf : leaf_of) {
    if (leaf >= 0) ++leaf_begin_[static_cast<size_t>(leaf) + 1];
  }
  for (size_t i = 0; i < num_leaves; ++i) leaf_begin_[i + 1] += leaf_begin_[i];
  std::vector<int32_t> next(leaf_begin_.begin(), leaf_begin_.end() - 1);
  votes_.resize(static_cast<size_t>(leaf_begin_.back()));
  for (size_t i = 0; i < votes.size(); ++i) {
    if (leaf_of[i] >= 0) votes_[static_cast<size_t>(next[static_cast<size_t>(leaf_of[i])]++)] = votes[i];
  }
}

// Takes nodes away that have no parents left, until none is left: what stays feeds itself.
Status TreeEnsemble::Check() {
  std::vector<int64_t> parents(nodes_.size());
  for (const Node& node : nodes_) {
    num_features_ = std::max(num_features_, int64_t{node.feature} + 1);
    for (Place child : {node.yes, node.no}) {
      if (child >= 0) ++parents[static_cast<size_t>(child)];
    }
  }
  std::vector<size_t> free;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (parents[i] == 0) free.push_back(i);
  }
  size_t taken = 0;
  while (!free.empty()) {
    const Node& node = nodes_[free.back()];
    free.pop_back();
    ++taken;
    for (Place child : {node.yes, node.no}) {
      if (child >= 0 && --parents[static_cast<size_t>(child)] == 0) free.push_back(static_cast<size_t>(child));
    }
  }
  if (taken != nodes_.size()) return BadInput("the trees' nodes form a circle");
  return OkStatus();
}

bool TreeEnsemble::SaysYes(const Node& node, double x) const {
  if (node.nan_says_yes && std::isnan(x)) return true;
  switch (node.mode) {
    case BranchMode::kLeq:
      return x <= node.threshold;
    case BranchMode::kLt:
      return x < node.threshold;
    case BranchMode::kGte:
      return x >= node.threshold;
    case BranchMode::kGt:
      return x > node.threshold;
    case BranchMode::kEq:
      return x == node.threshold;
    case BranchMode::kNeq:
      return x != node.threshold;
    case BranchMode::kMember:
      return !std::isnan(x) && std::binary_search(members_.begin() + node.members_begin, members_.begin() + node.members_end, x);
  }
  return false;
}

std::span<const TreeEnsemble::Vote> TreeEnsemble::Walk(size_t tree, const double* row) const {
  Place at = roots_[tree];
  while (at >= 0) {
    const Node& node = nodes_[static_cast<size_t>(at)];
    at = SaysYes(node, row[node.feature]) ? node.yes : node.no;
  }
  return votes(at);
}

Status Evaluate(KernelContext& ctx, const TreeEnsemble& forest, TreeAggregate aggregate, const double* row, TreeScores& scores) {
  std::ranges::fill(scores.score, 0);
  std::ranges::fill(scores.has_vote, 0);
  for (size_t tree = 0; tree < forest.num_trees(); ++tree) {
    if (tree % 256 == 0) SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (const TreeEnsemble::Vote& vote : forest.Walk(tree, row)) {
      const auto t = static_cast<size_t>(vote.target);
      AddVote(aggregate, vote.weight, scores.score[t], scores.has_vote[t]);
    }
  }
  for (double& score : scores.score) score = EndVotes(aggregate, forest.num_trees(), score);
  return OkStatus();
}

}  // namespace samoyed::ops
