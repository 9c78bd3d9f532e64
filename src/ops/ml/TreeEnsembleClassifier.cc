// TreeEnsembleClassifier: the votes of all trees' leaves per class, and the label of the class with the most.
// https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html Versions 1, 3 (and 5, deprecated). Two classes of which
// only one is ever voted for have one score; the rules for it are ONNX Runtime's.
#include <algorithm>

#include "ops/ml/trees.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// What the votes say about how scores of two classes are read.
struct VoteFacts {
  bool one_class = false;  // all votes are for the same class,
  int64_t the_class = 0;   // this one
  bool all_positive = true;
};

VoteFacts FactsOf(const Attributes& a) {
  VoteFacts facts;
  const auto ids = a.Ints("class_ids");
  facts.one_class = std::ranges::all_of(ids, [&](int64_t id) { return id == ids[0]; });
  if (facts.one_class && !ids.empty()) facts.the_class = ids[0];
  if (const Tensor* t = a.TensorOf("class_weights_as_tensor"); t != nullptr && t->dtype() == DType::kDouble) {
    facts.all_positive = std::ranges::all_of(t->span<double>(), [](double w) { return w >= 0; });
  } else {
    facts.all_positive = std::ranges::all_of(a.Floats("class_weights"), [](float w) { return w >= 0; });
  }
  return facts;
}

// The winner's number and the finished scores of one row.
struct Verdict {
  int64_t winner = 0;
  std::vector<double> scores;
};

Verdict JudgeMany(const ops::TreeScores& votes, const std::vector<double>& base, ops::PostTransform transform) {
  Verdict verdict{-1, votes.score};
  std::vector<uint8_t> counts = votes.has_vote;
  for (size_t k = 0; k < base.size(); ++k) {
    verdict.scores[k] += base[k];
    counts[k] = 1;
  }
  for (size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] && (verdict.winner < 0 || verdict.scores[k] > verdict.scores[static_cast<size_t>(verdict.winner)])) {
      verdict.winner = static_cast<int64_t>(k);
    }
  }
  verdict.winner = std::max<int64_t>(verdict.winner, 0);
  ops::Transform(transform, verdict.scores);
  return verdict;
}

// Two classes with one score between them, which says how much the second one is it. Votes for class 1 leave class 0 at zero.
Verdict JudgeOne(double score, const VoteFacts& facts, ops::PostTransform transform) {
  const int64_t winner = score > (facts.all_positive ? 0.5 : 0.0);
  if (facts.the_class == 1) return {winner, ops::FinishScores(transform, {0, score}, ops::SecondClass::kNone)};
  return {winner, ops::FinishScores(transform, {score}, facts.all_positive ? ops::SecondClass::kComplement : ops::SecondClass::kOpposite)};
}

Status InferTreeEnsembleClassifier(InferContext& ctx) {
  const ops::ClassLabels labels(ctx, "classlabels_int64s", "classlabels_strings");
  return ops::InferClassifier(ctx, labels.dtype(), labels.size() > 1 ? Dim(labels.size()) : Dim());
}

Status RunTreeEnsembleClassifier(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  const ops::ClassLabels labels(ctx, "classlabels_int64s", "classlabels_strings");
  const int64_t classes = labels.size();
  if (classes < 1) return BadInput("TreeEnsembleClassifier needs class labels");
  SAMOYED_ASSIGN_OR_RETURN(const ops::Rows x, ops::ReadRows(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const ops::PostTransform transform, ops::PostTransformAttribute(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> base, ops::BaseValues(a));
  SAMOYED_ASSIGN_OR_RETURN(const ops::TreeEnsemble forest, ops::TreeEnsemble::FromNodeLists(a, "class", classes));
  SAMOYED_RETURN_IF_ERROR(ops::CheckFeatures(ctx, forest, x));
  if (!base.empty() && static_cast<int64_t>(base.size()) != classes && !(classes == 2 && base.size() == 1)) {
    return BadInput("TreeEnsembleClassifier has ", base.size(), " base_values for ", classes, " classes");
  }
  const VoteFacts facts = FactsOf(a);
  SAMOYED_ALLOCATE_OUTPUT(label, ctx, 0, labels.dtype(), (Shape{x.count}));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 1, DType::kFloat, (Shape{x.count, classes}));
  ops::TreeScores votes(static_cast<size_t>(classes));
  for (int64_t i = 0; i < x.count; ++i) {
    SAMOYED_RETURN_IF_ERROR(ops::Evaluate(ctx, forest, ops::TreeAggregate::kSum, x.row(i), votes));
    Verdict verdict;
    if (classes == 2 && facts.one_class && base.size() < 2) {
      if (!base.empty()) votes.score[0] += base[0];
      verdict = JudgeOne(votes.score[static_cast<size_t>(facts.the_class)], facts, transform);
    } else {
      verdict = JudgeMany(votes, base, transform);
    }
    labels.Write(*label, i, verdict.winner);
    ops::StoreRow(*out, i, verdict.scores);
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_TreeEnsembleClassifier = {.infer = InferTreeEnsembleClassifier, .run = RunTreeEnsembleClassifier};

}  // namespace samoyed
