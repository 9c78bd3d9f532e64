// The three tree operators beyond the forest itself: what becomes of its scores.
#ifndef SAMOYED_OPS_ML_TREES_H_
#define SAMOYED_OPS_ML_TREES_H_

#include <span>
#include <vector>

#include "ops/common/tree_ensemble.h"
#include "ops/ml/ml.h"

namespace samoyed::ops {

// A TreeEnsembleClassifier, TreeEnsembleRegressor or TreeEnsemble, read from its attributes and checked.
struct TreeModel {
  TreeEnsemble forest;
  TreeAggregate aggregate = TreeAggregate::kSum;
  PostTransform transform = PostTransform::kNone;
  int64_t targets = 0;       // or classes
  std::vector<double> base;  // none, or one a target; a classifier of two classes may have one
  bool classifies = false;
  // Two classes of which only one is ever voted for have one score.
  bool one_class = false, all_positive = true;
  int64_t the_class = 0;
};
Result<TreeModel> ReadTreeModel(const NodeContext& ctx);

// An error unless the rows hold every feature that the forest asks for.
Status CheckFeatures(const NodeContext& ctx, const TreeEnsemble& forest, int64_t rows, int64_t width);

// The outputs of a run, written row by row.
class TreeOutputs {
 public:
  // `x_dtype`: of the input.
  static Result<TreeOutputs> Allocate(KernelContext& ctx, const TreeModel& model, int64_t rows, DType x_dtype);
  // The votes of all trees for a row, and which targets got any; the scores are worked on in place. Rows may be written at once by several
  // threads.
  void Write(int64_t row, std::span<double> scores, std::span<const uint8_t> has_vote) const;

 private:
  TreeOutputs(const TreeModel& model, const ClassLabels& labels, Tensor* label, Tensor* out)
      : model_(model), labels_(labels), label_(label), out_(out) {}
  const TreeModel& model_;
  ClassLabels labels_;
  Tensor *label_, *out_;  // label_: null for a regression
};

// Reads the attributes and walks the forest: the reference.
Status RunTrees(KernelContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_ML_TREES_H_
