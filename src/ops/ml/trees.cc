#include "ops/ml/trees.h"

#include <algorithm>

#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

// The attribute base_values or base_values_as_tensor; empty when absent.
Result<std::vector<double>> BaseValues(const Attributes& attributes) {
  if (const Tensor* t = attributes.TensorOf("base_values_as_tensor")) {
    if (!IsFloat(t->dtype())) return BadInput("base_values_as_tensor holds ", NameOf(t->dtype()), ", it must hold floats");
    return LoadAll<double>(*t);
  }
  const std::span<const float> floats = attributes.Floats("base_values");
  return std::vector<double>(floats.begin(), floats.end());
}

ClassLabels LabelsOf(const NodeContext& ctx) { return ClassLabels(ctx, "classlabels_int64s", "classlabels_strings"); }

Result<TreeModel> ReadClassifier(const NodeContext& ctx) {
  const Attributes& a = ctx.attributes();
  TreeModel model;
  model.classifies = true;
  model.targets = LabelsOf(ctx).size();
  if (model.targets < 1) return BadInput("TreeEnsembleClassifier needs class labels");
  SAMOYED_ASSIGN_OR_RETURN(model.transform, PostTransformAttribute(ctx));
  SAMOYED_ASSIGN_OR_RETURN(model.base, BaseValues(a));
  SAMOYED_ASSIGN_OR_RETURN(model.forest, TreeEnsemble::FromNodeLists(a, "class", model.targets));
  const auto bases = static_cast<int64_t>(model.base.size());
  if (bases != 0 && bases != model.targets && !(model.targets == 2 && bases == 1))
    return BadInput("TreeEnsembleClassifier has ", bases, " base_values for ", model.targets, " classes");
  const auto ids = a.Ints("class_ids");
  model.one_class = model.targets == 2 && bases < 2 && std::ranges::all_of(ids, [&](int64_t id) { return id == ids[0]; });
  if (model.one_class && !ids.empty()) model.the_class = ids[0];
  if (const Tensor* t = a.TensorOf("class_weights_as_tensor"); t != nullptr && t->dtype() == DType::kDouble) {
    model.all_positive = std::ranges::all_of(t->span<double>(), [](double w) { return w >= 0; });
  } else {
    model.all_positive = std::ranges::all_of(a.Floats("class_weights"), [](float w) { return w >= 0; });
  }
  return model;
}

Status CheckTargets(const NodeContext& ctx, const TreeModel& model) {
  constexpr int64_t kMostTargets = int64_t{1} << 24;  // only an attribute says how many there are
  if (model.targets < 1 || model.targets > kMostTargets)
    return BadInput(ctx.op_type(), ": n_targets is ", model.targets, ", it must be in [1, ", kMostTargets, "]");
  if (!model.base.empty() && static_cast<int64_t>(model.base.size()) != model.targets)
    return BadInput(ctx.op_type(), " has ", model.base.size(), " base_values for ", model.targets, " targets");
  return OkStatus();
}

Result<TreeModel> ReadRegressor(const NodeContext& ctx) {
  constexpr std::string_view kNames[] = {"AVERAGE", "SUM", "MIN", "MAX"};  // in the order of TreeAggregate
  const std::string_view name = ctx.attributes().String("aggregate_function", "SUM");
  const auto* it = std::ranges::find(kNames, name);
  if (it == std::end(kNames))
    return BadInput("TreeEnsembleRegressor: aggregate_function ", Quote(name), " is none of SUM, AVERAGE, MIN, MAX");
  TreeModel model;
  model.aggregate = static_cast<TreeAggregate>(it - std::begin(kNames));
  model.targets = ctx.attributes().Int("n_targets");
  SAMOYED_ASSIGN_OR_RETURN(model.transform, PostTransformAttribute(ctx));
  SAMOYED_ASSIGN_OR_RETURN(model.base, BaseValues(ctx.attributes()));
  SAMOYED_RETURN_IF_ERROR(CheckTargets(ctx, model));
  SAMOYED_ASSIGN_OR_RETURN(model.forest, TreeEnsemble::FromNodeLists(ctx.attributes(), "target", model.targets));
  return model;
}

Result<TreeModel> ReadTreeEnsemble(const NodeContext& ctx) {
  const Attributes& a = ctx.attributes();
  const int64_t aggregate = a.Int("aggregate_function", 1), transform = a.Int("post_transform", 0);
  if (aggregate < 0 || aggregate > 3) return BadInput("TreeEnsemble: aggregate_function is ", aggregate, ", it must be 0 to 3");
  if (transform < 0 || transform > 4) return BadInput("TreeEnsemble: post_transform is ", transform, ", it must be 0 to 4");
  TreeModel model;
  model.targets = a.Int("n_targets");
  model.aggregate = static_cast<TreeAggregate>(aggregate);
  model.transform = static_cast<PostTransform>(transform);
  SAMOYED_RETURN_IF_ERROR(CheckTargets(ctx, model));
  SAMOYED_ASSIGN_OR_RETURN(model.forest, TreeEnsemble::FromSplitLists(a, model.targets));
  return model;
}

// Puts finished scores over a row's.
void Assign(std::span<double> scores, const std::vector<double>& finished) {
  std::copy_n(finished.begin(), std::min(scores.size(), finished.size()), scores.begin());
}

// The winner's number; the scores become what leaves the operator.
int64_t Judge(const TreeModel& model, std::span<double> scores, std::span<const uint8_t> has_vote) {
  if (model.one_class) {
    // One score says how much the second class is it: the rules are ONNX Runtime's. Votes for class 1 leave class 0 at zero.
    const auto voted = static_cast<size_t>(model.the_class);
    if (!model.base.empty()) scores[0] += model.base[0];
    const double score = scores[voted];
    const int64_t winner = score > (model.all_positive ? 0.5 : 0.0) ? 1 : 0;
    if (voted == 1) {
      Assign(scores, FinishScores(model.transform, {0, score}, SecondClass::kNone));
    } else {
      Assign(scores, FinishScores(model.transform, {score}, model.all_positive ? SecondClass::kComplement : SecondClass::kOpposite));
    }
    return winner;
  }
  int64_t winner = -1;
  for (size_t k = 0; k < scores.size(); ++k) {
    const bool has_base = k < model.base.size();
    if (has_base) scores[k] += model.base[k];
    if ((has_base || has_vote[k] != 0) && (winner < 0 || scores[k] > scores[static_cast<size_t>(winner)])) winner = static_cast<int64_t>(k);
  }
  Transform(model.transform, scores);
  return std::max<int64_t>(winner, 0);
}

}  // namespace

Result<TreeModel> ReadTreeModel(const NodeContext& ctx) {
  return ctx.op_type() == "TreeEnsembleClassifier"  ? ReadClassifier(ctx)
         : ctx.op_type() == "TreeEnsembleRegressor" ? ReadRegressor(ctx)
                                                    : ReadTreeEnsemble(ctx);
}

Status CheckFeatures(const NodeContext& ctx, const TreeEnsemble& forest, int64_t rows, int64_t width) {
  if (width >= forest.num_features() || rows == 0) return OkStatus();
  return BadInput(ctx.op_type(), ": the trees ask for feature ", forest.num_features() - 1, ", but rows have ", width, " features");
}

Result<TreeOutputs> TreeOutputs::Allocate(KernelContext& ctx, const TreeModel& model, int64_t rows, DType x_dtype) {
  const ClassLabels labels = LabelsOf(ctx);
  const Shape shape = {rows, model.targets};
  if (!model.classifies) {
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, ctx.op_type() == "TreeEnsemble" ? x_dtype : DType::kFloat, shape);
    return TreeOutputs(model, labels, nullptr, out);
  }
  SAMOYED_ALLOCATE_OUTPUT(label, ctx, 0, labels.dtype(), (Shape{rows}));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 1, DType::kFloat, shape);
  return TreeOutputs(model, labels, label, out);
}

void TreeOutputs::Write(int64_t row, std::span<double> scores, std::span<const uint8_t> has_vote) const {
  if (model_.classifies) {
    labels_.Write(*label_, row, Judge(model_, scores, has_vote));
  } else {
    for (size_t t = 0; t < model_.base.size(); ++t) scores[t] += model_.base[t];
    // Of one number only the probit is taken; that is what runs elsewhere, and the standard does not say.
    if (scores.size() > 1 || model_.transform == PostTransform::kProbit) Transform(model_.transform, scores);
  }
  Store(*out_, row * model_.targets, model_.targets, scores.data());
}

Status RunTrees(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (ctx.op_type() == "TreeEnsemble" && !IsFloat(in->dtype())) return BadInput("TreeEnsemble needs floats, got ", NameOf(in->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const Rows x, ReadRows(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const TreeModel model, ReadTreeModel(ctx));
  SAMOYED_RETURN_IF_ERROR(CheckFeatures(ctx, model.forest, x.count, x.width));
  SAMOYED_ASSIGN_OR_RETURN(const TreeOutputs outputs, TreeOutputs::Allocate(ctx, model, x.count, in->dtype()));
  TreeScores scores(static_cast<size_t>(model.targets));
  for (int64_t i = 0; i < x.count; ++i) {
    SAMOYED_RETURN_IF_ERROR(Evaluate(ctx, model.forest, model.aggregate, x.row(i), scores));
    outputs.Write(i, scores.score, scores.has_vote);
  }
  return OkStatus();
}

}  // namespace samoyed::ops
