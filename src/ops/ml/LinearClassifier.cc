// LinearClassifier: scores = X coefficients' + intercepts, and the label of the largest.
// https://onnx.ai/onnx/operators/onnx_aionnxml_LinearClassifier.html There are as many scores as intercepts.
#include <algorithm>

#include "base/checked.h"
#include "ops/ml/ml.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// One score, but two classes: the second column is made from the first.
bool AddsSecondClass(size_t scores, const ops::ClassLabels& labels) { return scores == 1 && labels.size() == 2; }

Status InferLinearClassifier(InferContext& ctx) {
  const ops::ClassLabels labels(ctx, "classlabels_ints", "classlabels_strings");
  const size_t scores = ctx.attributes().Floats("intercepts").size();
  if (scores == 0) return ops::InferClassifier(ctx, labels.dtype(), Dim());
  return ops::InferClassifier(ctx, labels.dtype(), AddsSecondClass(scores, labels) ? Dim(2) : Dim(static_cast<int64_t>(scores)));
}

Status RunLinearClassifier(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::Rows x, ops::ReadRows(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const ops::PostTransform transform, ops::PostTransformAttribute(ctx));
  const ops::ClassLabels labels(ctx, "classlabels_ints", "classlabels_strings");
  const std::span<const float> coefficients = ctx.attributes().Floats("coefficients"), intercepts = ctx.attributes().Floats("intercepts");
  // Without intercepts the coefficients tell how many rows they have.
  const int64_t width = std::max<int64_t>(x.width, 1);
  const auto count = intercepts.empty() ? static_cast<int64_t>(coefficients.size()) / width : static_cast<int64_t>(intercepts.size());
  const std::optional<int64_t> needed = CheckedMul(count, x.width);
  if (count == 0 || !needed || *needed != static_cast<int64_t>(coefficients.size())) {
    return BadInput("LinearClassifier: ", coefficients.size(), " coefficients and ", intercepts.size(), " intercepts do not fit rows of ",
                    x.width, " features");
  }
  if (labels.size() > 0 && labels.size() < count) {
    return BadInput("LinearClassifier: ", labels.size(), " class labels for the ", count, " classes of ", coefficients.size(),
                    " coefficients");
  }
  const bool second = AddsSecondClass(static_cast<size_t>(count), labels);
  SAMOYED_ALLOCATE_OUTPUT(label, ctx, 0, labels.dtype(), (Shape{x.count}));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 1, DType::kFloat, (Shape{x.count, second ? 2 : count}));
  for (int64_t i = 0; i < x.count; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    std::vector<double> scores(static_cast<size_t>(count));
    for (int64_t k = 0; k < count; ++k) {
      double sum = intercepts.empty() ? 0 : static_cast<double>(intercepts[static_cast<size_t>(k)]);
      for (int64_t f = 0; f < x.width; ++f) sum += x.row(i)[f] * static_cast<double>(coefficients[static_cast<size_t>(k * x.width + f)]);
      scores[static_cast<size_t>(k)] = sum;
    }
    const int64_t best = count > 1 ? std::ranges::max_element(scores) - scores.begin() : scores[0] > 0;
    if (count == 1 && !second) {
      // A single class says 1 or 0, whatever it is called.
      if (labels.are_strings())
        label->mutable_strings()[i] = best != 0 ? "1" : "0";
      else
        label->mutable_data<int64_t>()[i] = best;
    } else {
      labels.Write(*label, i, best);
    }
    scores = ops::FinishScores(transform, std::move(scores), second ? ops::SecondClass::kComplement : ops::SecondClass::kNone);
    ops::StoreRow(*out, i, scores);
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_LinearClassifier = {.infer = InferLinearClassifier, .run = RunLinearClassifier};

}  // namespace samoyed
