// LinearRegressor: Y = X coefficients' + intercepts, `targets` numbers a row.
// https://onnx.ai/onnx/operators/onnx_aionnxml_LinearRegressor.html
#include "base/checked.h"
#include "ops/ml/ml.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferLinearRegressor(InferContext& ctx) { return ops::InferRegressor(ctx, ctx.attributes().Int("targets", 1)); }

Status RunLinearRegressor(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::Rows x, ops::ReadRows(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const ops::PostTransform transform, ops::PostTransformAttribute(ctx));
  const std::span<const float> coefficients = ctx.attributes().Floats("coefficients"), intercepts = ctx.attributes().Floats("intercepts");
  const int64_t targets = ctx.attributes().Int("targets", 1);
  const std::optional<int64_t> needed = CheckedMul(targets, x.width);
  if (targets < 1 || !needed || *needed != static_cast<int64_t>(coefficients.size())) {
    return BadInput("LinearRegressor: ", coefficients.size(), " coefficients do not fit ", targets, " targets of ", x.width, " features");
  }
  if (!intercepts.empty() && static_cast<int64_t>(intercepts.size()) != targets) {
    return BadInput("LinearRegressor has ", intercepts.size(), " intercepts for ", targets, " targets");
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kFloat, (Shape{x.count, targets}));
  std::vector<double> row(static_cast<size_t>(targets));
  for (int64_t i = 0; i < x.count; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t t = 0; t < targets; ++t) {
      double sum = intercepts.empty() ? 0 : static_cast<double>(intercepts[static_cast<size_t>(t)]);
      for (int64_t f = 0; f < x.width; ++f) sum += x.row(i)[f] * static_cast<double>(coefficients[static_cast<size_t>(t * x.width + f)]);
      row[static_cast<size_t>(t)] = sum;
    }
    // One number has no softmax and no logistic here; that is what runs elsewhere, and the standard does not say.
    if (targets > 1 || transform == ops::PostTransform::kProbit) ops::Transform(transform, row);
    for (int64_t t = 0; t < targets; ++t) out->mutable_data<float>()[i * targets + t] = static_cast<float>(row[static_cast<size_t>(t)]);
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_LinearRegressor = {.infer = InferLinearRegressor, .run = RunLinearRegressor};

}  // namespace samoyed
