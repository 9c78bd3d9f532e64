// Tree ensembles of ai.onnx.ml, read once and laid out for the walk: every branch is one comparison x > threshold that chooses between two
// places, and a leaf leads to itself, so that several walks go down side by side without a jump that depends on data.
#include "ops/ml/trees.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "providers/cpu/kernels.h"
#include "providers/cpu/scratch.h"
#include "tensor/convert.h"

namespace samoyed::cpu {
namespace {

using Source = ops::TreeEnsemble;

// A place of the walk for features of type T (float, or double for all other inputs).
template <typename T>
struct Branch {
  T threshold;
  uint32_t feature;  // kNanGoesOn: a NaN takes the further place
  int32_t next;      // where to go, and how much further where x > threshold; a leaf: itself, and 0
  int32_t further;
};
constexpr uint32_t kNanGoesOn = 1u << 31;

// The largest T not above `limit`, or below it: x > limit, or x >= limit, is x > that for every x of type T.
template <typename T>
T Bound(double limit, bool reached) {
  T t = static_cast<T>(limit);
  if (static_cast<double>(t) > limit || (reached && static_cast<double>(t) == limit))
    t = std::nextafter(t, -std::numeric_limits<T>::infinity());
  return t;
}

template <typename T>
class Forest {
 public:
  explicit Forest(const Source& source) {
    std::vector<int32_t> places(source.nodes().size(), -1);
    std::vector<int32_t> leaves;  // by number: its place
    for (const Source::Place root : source.roots()) roots_.push_back(Lay(source, root, places, leaves));
    size_t go_on = 0, all = 0;
    for (size_t i = 0; i < branches_.size(); ++i) {
      all += leaf_of_[i] < 0 ? 1 : 0;
      go_on += leaf_of_[i] < 0 && (branches_[i].feature & kNanGoesOn) != 0 ? 1 : 0;
    }
    nans_ = go_on == all ? Nans::kGoOn : go_on == 0 ? Nans::kStay : Nans::kMixed;
  }

  // Where the walks of kWalks rows (or of trees over one row) from `at` end, which is after `height` branches at most.
  static constexpr int kWalks = 8;
  void Descend(const T* const* rows, int32_t* at, int32_t height) const {
    switch (nans_) {
      case Nans::kGoOn:
        return DescendAs<Nans::kGoOn>(rows, at, height);
      case Nans::kStay:
        return DescendAs<Nans::kStay>(rows, at, height);
      case Nans::kMixed:
        return DescendAs<Nans::kMixed>(rows, at, height);
    }
  }
  int32_t root(size_t tree) const { return roots_[tree]; }
  int32_t height(size_t tree) const { return heights_[static_cast<size_t>(roots_[tree])]; }
  static constexpr int32_t kMany = std::numeric_limits<int32_t>::max();  // as a height: until no walk moves any more
  size_t trees() const { return roots_.size(); }
  // The leaf of the source at a place where a walk has ended.
  Source::Place leaf(int32_t place) const { return ~leaf_of_[static_cast<size_t>(place)]; }
  int64_t bytes() const {
    return static_cast<int64_t>(branches_.size() * (sizeof(Branch<T>) + 2 * sizeof(int32_t)) + roots_.size() * sizeof(int32_t));
  }

 private:
  static constexpr int32_t kLow = 8;  // a tree so low is full for the most part: looking whether all have arrived costs more than it saves

  // Where branches send a NaN: all to the further place, none, or each as it says.
  enum class Nans : uint8_t { kGoOn, kStay, kMixed };

  template <Nans kNans>
  void DescendAs(const T* const* rows, int32_t* at, int32_t height) const {
    const Branch<T>* const branches = branches_.data();
    const auto step = [&] {
      int32_t moved = 0;
#pragma GCC unroll 8
      for (int i = 0; i < kWalks; ++i) {
        const Branch<T>& b = branches[at[i]];
        const T x = rows[i][b.feature & ~kNanGoesOn];
        int32_t on = x > b.threshold;
        if constexpr (kNans == Nans::kGoOn) on = !(x <= b.threshold);
        if constexpr (kNans == Nans::kMixed) on |= (x != x) & static_cast<int32_t>(b.feature >> 31);
        const int32_t next = b.next + (b.further & -on);  // a jump would be guessed wrong half of the time
        moved |= next ^ at[i];
        at[i] = next;
      }
      return moved != 0;
    };
    if (height <= kLow) {
      for (int32_t level = 0; level < height; ++level) step();
    } else {
      while (step()) {
      }
    }
  }

  // What a node's mode comes to: one comparison, or for (in)equality and sets several in a row.
  int32_t Lay(const Source& source, Source::Place root, std::vector<int32_t>& places, std::vector<int32_t>& leaves) {
    // Without recursion: trees may be as deep as they have nodes. A node is laid once both its children are.
    std::vector<Source::Place> open = {root};
    const auto place_of = [&](Source::Place at) -> int32_t {
      if (at >= 0) return places[static_cast<size_t>(at)];
      const auto i = static_cast<size_t>(~at);
      if (i >= leaves.size()) leaves.resize(i + 1, -1);
      if (leaves[i] < 0) {
        leaves[i] = static_cast<int32_t>(branches_.size());
        branches_.push_back({T{0}, 0, leaves[i], 0});
        leaf_of_.push_back(~at);
        heights_.push_back(0);
      }
      return leaves[i];
    };
    while (!open.empty()) {
      const Source::Place at = open.back();
      if (at < 0 || places[static_cast<size_t>(at)] >= 0) {
        open.pop_back();
        continue;
      }
      const Source::Node& node = source.nodes()[static_cast<size_t>(at)];
      const int32_t yes = place_of(node.yes), no = place_of(node.no);
      if (yes >= 0 && no >= 0) {
        places[static_cast<size_t>(at)] = LayNode(source, node, yes, no);
        open.pop_back();
        continue;
      }
      if (yes < 0) open.push_back(node.yes);
      if (no < 0) open.push_back(node.no);
    }
    return place_of(root);
  }

  int32_t LayNode(const Source& source, const Source::Node& node, int32_t yes, int32_t no) {
    const bool nan = node.nan_says_yes;
    switch (node.mode) {
      case ops::BranchMode::kLeq:
        return Add(node, Bound<T>(node.threshold, false), yes, no, !nan);
      case ops::BranchMode::kLt:
        return Add(node, Bound<T>(node.threshold, true), yes, no, !nan);
      case ops::BranchMode::kGt:
        return Add(node, Bound<T>(node.threshold, false), no, yes, nan);
      case ops::BranchMode::kGte:
        return Add(node, Bound<T>(node.threshold, true), no, yes, nan);
      case ops::BranchMode::kEq:
        return AddEqual(node, node.threshold, yes, no, nan ? yes : no);
      case ops::BranchMode::kNeq:
        return AddEqual(node, node.threshold, no, yes, yes);  // NaN is unequal
      case ops::BranchMode::kMember: {
        int32_t rest = no;
        if (nan) rest = Add(node, std::numeric_limits<T>::infinity(), no, yes, true);  // a NaN alone goes on
        for (int32_t m = node.members_begin; m < node.members_end; ++m)
          rest = AddEqual(node, source.members()[static_cast<size_t>(m)], yes, rest, rest);
        return rest;
      }
    }
    return no;
  }
  // x == value: not above it, and above what is below it.
  int32_t AddEqual(const Source::Node& node, double value, int32_t equal, int32_t other, int32_t nan) {
    const int32_t low = Add(node, Bound<T>(value, true), other, equal, nan == equal);
    const int32_t high = Add(node, Bound<T>(value, false), low, other, nan == other);
    return high;
  }
  int32_t Add(const Source::Node& node, T threshold, int32_t place, int32_t above, bool nan_goes_on) {
    branches_.push_back({threshold, static_cast<uint32_t>(node.feature) | (nan_goes_on ? kNanGoesOn : 0), place, above - place});
    leaf_of_.push_back(-1);
    heights_.push_back(1 + std::max(heights_[static_cast<size_t>(place)], heights_[static_cast<size_t>(above)]));
    return static_cast<int32_t>(branches_.size()) - 1;
  }

  std::vector<Branch<T>> branches_;
  std::vector<int32_t> leaf_of_;  // by place: the number of a leaf
  std::vector<int32_t> heights_;  // by place: branches on the longest way to a leaf
  std::vector<int32_t> roots_;
  Nans nans_ = Nans::kMixed;
};

template <typename T>
class TreeKernel final : public Kernel {
 public:
  explicit TreeKernel(ops::TreeModel model) : model_(std::move(model)), forest_(model_.forest) {
    block_ = std::clamp<int64_t>(kBlockScores / model_.targets, 1, kMostRows) / kWalks * kWalks;
    block_ = std::max<int64_t>(block_, 1);
  }
  std::string_view name() const override { return "trees side by side"; }
  int64_t PackedBytes() const override { return forest_.bytes(); }
  int64_t ScratchBytes(std::span<const Shape> inputs, int threads) const override {
    if (inputs.empty() || inputs[0].rank() < 1) return 0;
    return ScratchSlots::Bytes(SlotBytes(inputs[0].back()), threads);
  }

  Status Run(KernelContext& ctx) const override {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
    if (x->rank() != 1 && x->rank() != 2) return BadInput(ctx.op_type(), " needs rows [N, F] or one row [F], got ", x->shape().ToString());
    const int64_t rows = x->rank() == 1 ? 1 : x->dim(0), width = x->shape().back();
    SAMOYED_RETURN_IF_ERROR(ops::CheckFeatures(ctx, model_.forest, rows, width));
    SAMOYED_ASSIGN_OR_RETURN(const ops::TreeOutputs outputs, ops::TreeOutputs::Allocate(ctx, model_, rows, x->dtype()));
    ScratchSlots slots(ctx.scratch(), SlotBytes(width));
    // Large blocks read each tree from memory fewer times; several a thread.
    const int64_t block = std::clamp<int64_t>(rows / (4 * ctx.threads()) / kWalks * kWalks, std::min<int64_t>(block_, kLeastRows), block_);
    ctx.ParallelFor((rows + block - 1) / block, 1, [&](int64_t begin, int64_t end) {
      ScratchSlots::Lease lease(slots);
      for (int64_t b = begin; b < end && ctx.Poll().ok(); ++b)
        RunBlock(ctx, *x, b * block, std::min(block, rows - b * block), width, outputs, lease.data());
    });
    return ctx.Poll();
  }

 private:
  static constexpr int kWalks = Forest<T>::kWalks;
  static constexpr int64_t kLeastRows = 64, kMostRows = 1024, kBlockScores = 16 << 10;

  int64_t ScoreBytes() const { return AlignScratch(ScratchProduct(block_ * model_.targets, sizeof(double))); }
  int64_t VoteBytes() const { return AlignScratch(block_ * model_.targets); }
  int64_t PlaceBytes() const { return AlignScratch(static_cast<int64_t>(forest_.trees() * sizeof(int32_t))); }
  int64_t SlotBytes(int64_t width) const {
    return ScoreBytes() + VoteBytes() + PlaceBytes() +
           (std::is_same_v<T, double> ? ScratchProduct(ScratchProduct(block_, width), sizeof(double)) : 0);
  }

  // Where the walks of a row end, by tree.
  void DescendTrees(KernelContext& ctx, const T* row, int32_t* places) const {
    const size_t trees = forest_.trees();
    const T* walkers[kWalks];
    int32_t at[kWalks];
    std::fill_n(walkers, kWalks, row);
    for (size_t tree = 0; tree < trees && Goes(ctx, tree); tree += kWalks) {
      const size_t n = std::min<size_t>(kWalks, trees - tree);
      for (size_t i = 0; i < kWalks; ++i) at[i] = forest_.root(tree + std::min(i, n - 1));
      forest_.Descend(walkers, at, forest_.kMany);
      std::copy_n(at, n, places + tree);
    }
  }

  // False once the run was cancelled. Asked now and then, and before each long way down.
  bool Goes(KernelContext& ctx, size_t tree) const {
    constexpr int32_t kHigh = 4096;
    return (tree % 64 != 0 && forest_.height(tree) < kHigh) || ctx.Poll().ok();
  }

  // What lies behind a cancelled run's last vote is of no interest: the caller asks.
  void RunBlock(KernelContext& ctx, const Tensor& x, int64_t first, int64_t rows, int64_t width, const ops::TreeOutputs& outputs,
                std::byte* scratch) const {
    auto* scores = reinterpret_cast<double*>(scratch);
    auto* has_vote = reinterpret_cast<uint8_t*>(scratch + ScoreBytes());
    auto* places = reinterpret_cast<int32_t*>(scratch + ScoreBytes() + VoteBytes());
    const T* values;
    if constexpr (std::is_same_v<T, float>) {
      values = x.data<float>() + first * width;
    } else {
      auto* copy = reinterpret_cast<double*>(scratch + ScoreBytes() + VoteBytes() + PlaceBytes());
      Load(x, first * width, rows * width, copy);
      if (!IsFloat(x.dtype())) {  // integers count as float32, as in ReadRows
        for (int64_t i = 0; i < rows * width; ++i) copy[i] = static_cast<float>(copy[i]);
      }
      values = copy;
    }
    const auto targets = static_cast<size_t>(model_.targets);
    std::fill_n(scores, static_cast<size_t>(rows) * targets, 0.0);
    std::fill_n(has_vote, static_cast<size_t>(rows) * targets, uint8_t{0});
    const T* walkers[kWalks];
    int32_t at[kWalks];
    const auto vote = [&](int64_t row, int32_t place) {
      for (const Source::Vote& v : model_.forest.votes(forest_.leaf(place))) {
        const size_t t = static_cast<size_t>(row) * targets + static_cast<size_t>(v.target);
        ops::AddVote(model_.aggregate, v.weight, scores[t], has_vote[t]);
      }
    };
    // Side by side go rows down one tree, so that its branches are cached, or where those are too few, trees over one row. Either way a
    // row's votes are added in the order of the trees.
    const size_t trees = forest_.trees();
    const int64_t together = rows / kWalks * kWalks;
    for (size_t tree = 0; tree < trees; ++tree) {
      for (int64_t row = 0; row < together && Goes(ctx, tree); row += kWalks) {
        for (int i = 0; i < kWalks; ++i) {
          walkers[i] = values + (row + i) * width;
          at[i] = forest_.root(tree);
        }
        forest_.Descend(walkers, at, forest_.height(tree));
        for (int i = 0; i < kWalks; ++i) vote(row + i, at[i]);
      }
    }
    for (int64_t row = together; row < rows; ++row) {
      DescendTrees(ctx, values + row * width, places);
      if (!ctx.Poll().ok()) return;
      for (size_t tree = 0; tree < trees; ++tree) vote(row, places[tree]);
    }
    for (int64_t row = 0; row < rows; ++row) {
      const std::span<double> own(scores + static_cast<size_t>(row) * targets, targets);
      for (double& score : own) score = ops::EndVotes(model_.aggregate, trees, score);
      outputs.Write(first + row, own, std::span<const uint8_t>(has_vote + static_cast<size_t>(row) * targets, targets));
    }
  }

  ops::TreeModel model_;
  Forest<T> forest_;
  int64_t block_;
};

// A threshold or a member that is no number says neither more nor less; what such a model means is left to the reference.
bool HasOnlyNumbers(const Source& forest) {
  return std::ranges::none_of(forest.nodes(),
                              [](const Source::Node& n) { return std::isnan(n.threshold) && n.mode != ops::BranchMode::kMember; });
}

// A row's scores are scratch memory, and only an attribute says how many targets there are.
constexpr int64_t kMostTargets = 1 << 16;

std::optional<ops::TreeModel> ModelOf(const KernelSpec& spec) {
  auto model = ops::ReadTreeModel(SpecContext(spec));
  if (!model.ok() || model->targets > kMostTargets || !HasOnlyNumbers(model->forest)) return std::nullopt;
  // (In)equality and sets take more places than nodes, and places are counted in 32 bits.
  constexpr size_t kMostPlaces = std::numeric_limits<int32_t>::max() / 8;
  if (model->forest.nodes().size() + model->forest.members().size() > kMostPlaces) return std::nullopt;
  return std::move(model).value();
}

Support QueryTrees(const KernelSpec& spec) {
  const Type& x = spec.input_type(0);
  const bool number = x.is_tensor() && (IsFloat(x.dtype) || IsInteger(x.dtype)) && BitWidth(x.dtype) >= 8;
  if (!number || (spec.node.op_type == "TreeEnsemble" && !IsFloat(x.dtype))) return Support::No("the features are no numbers");
  return ModelOf(spec) ? Support::Yes() : Support::No("the reference says what is wrong with the trees, or knows what they mean");
}

Result<std::unique_ptr<Kernel>> MakeTrees(const KernelSpec& spec, CpuLevel) {
  ops::TreeModel model = *ModelOf(spec);
  if (spec.input_type(0).dtype == DType::kFloat) return std::unique_ptr<Kernel>(std::make_unique<TreeKernel<float>>(std::move(model)));
  return std::unique_ptr<Kernel>(std::make_unique<TreeKernel<double>>(std::move(model)));
}

constexpr KernelEntry kEntries[] = {{"ai.onnx.ml", "TreeEnsemble", QueryTrees, MakeTrees},
                                    {"ai.onnx.ml", "TreeEnsembleClassifier", QueryTrees, MakeTrees},
                                    {"ai.onnx.ml", "TreeEnsembleRegressor", QueryTrees, MakeTrees}};

}  // namespace

std::span<const KernelEntry> TreeKernels() { return kEntries; }

}  // namespace samoyed::cpu
