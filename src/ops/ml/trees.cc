#include "ops/ml/trees.h"

#include "tensor/convert.h"

namespace samoyed::ops {

Result<std::vector<double>> BaseValues(const Attributes& attributes) {
  if (const Tensor* t = attributes.TensorOf("base_values_as_tensor")) {
    if (!IsFloat(t->dtype())) return BadInput("base_values_as_tensor holds ", NameOf(t->dtype()), ", it must hold floats");
    return LoadAll<double>(*t);
  }
  const std::span<const float> floats = attributes.Floats("base_values");
  return std::vector<double>(floats.begin(), floats.end());
}

Status CheckFeatures(const KernelContext& ctx, const TreeEnsemble& forest, const Rows& x) {
  if (x.width >= forest.num_features() || x.count == 0) return OkStatus();
  return BadInput(ctx.op_type(), ": the trees ask for feature ", forest.num_features() - 1, ", but rows have ", x.width, " features");
}

Status RunTreeRegression(KernelContext& ctx, const TreeEnsemble& forest, const TreeRegression& regression, DType dtype) {
  SAMOYED_ASSIGN_OR_RETURN(const Rows x, ReadRows(ctx));
  SAMOYED_RETURN_IF_ERROR(CheckFeatures(ctx, forest, x));
  const int64_t targets = regression.targets;
  constexpr int64_t kMostTargets = int64_t{1} << 24;  // only an attribute says how many there are
  if (targets < 1 || targets > kMostTargets)
    return BadInput(ctx.op_type(), ": n_targets is ", targets, ", it must be in [1, ", kMostTargets, "]");
  if (!regression.base.empty() && static_cast<int64_t>(regression.base.size()) != targets) {
    return BadInput(ctx.op_type(), " has ", regression.base.size(), " base_values for ", targets, " targets");
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, (Shape{x.count, targets}));
  TreeScores scores(static_cast<size_t>(targets));
  for (int64_t i = 0; i < x.count; ++i) {
    SAMOYED_RETURN_IF_ERROR(Evaluate(ctx, forest, regression.aggregate, x.row(i), scores));
    for (size_t t = 0; t < regression.base.size(); ++t) scores.score[t] += regression.base[t];
    // Of one number only the probit is taken; that is what runs elsewhere, and the standard does not say.
    if (targets > 1 || regression.transform == PostTransform::kProbit) Transform(regression.transform, scores.score);
    Store(*out, i * targets, targets, scores.score.data());
  }
  return OkStatus();
}

}  // namespace samoyed::ops
