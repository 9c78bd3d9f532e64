#include "ops/ml/ml.h"

#include <algorithm>
#include <cmath>

#include "tensor/convert.h"

namespace samoyed::ops {

Result<PostTransform> PostTransformAttribute(const NodeContext& ctx) {
  constexpr std::pair<std::string_view, PostTransform> kNames[] = {{"NONE", PostTransform::kNone},
                                                                   {"SOFTMAX", PostTransform::kSoftmax},
                                                                   {"LOGISTIC", PostTransform::kLogistic},
                                                                   {"SOFTMAX_ZERO", PostTransform::kSoftmaxZero},
                                                                   {"PROBIT", PostTransform::kProbit}};
  const std::string_view name = ctx.attributes().String("post_transform", "NONE");
  for (const auto& [text, transform] : kNames) {
    if (text == name) return transform;
  }
  return BadInput(ctx.op_type(), ": post_transform ", Quote(name), " is none of NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO, PROBIT");
}

double Logistic(double x) {
  const double y = 1 / (1 + std::exp(-std::fabs(x)));
  return x < 0 ? 1 - y : y;
}

double Probit(double p) {
  const double x = 2 * p - 1;
  const double log = std::log((1 - x) * (1 + x));
  const double v = 2 / (3.14159 * 0.147) + 0.5 * log;
  return std::copysign(1.41421356 * std::sqrt(std::sqrt(v * v - log / 0.147) - v), x);
}

void Transform(PostTransform transform, std::span<double> scores) {
  switch (transform) {
    case PostTransform::kNone:
      break;
    case PostTransform::kLogistic:
      for (double& s : scores) s = Logistic(s);
      break;
    case PostTransform::kProbit:
      for (double& s : scores) s = Probit(s);
      break;
    case PostTransform::kSoftmax:
    case PostTransform::kSoftmaxZero: {
      if (scores.empty()) break;
      const double largest = *std::ranges::max_element(scores);
      double sum = 0;
      for (double& s : scores) {
        if (transform == PostTransform::kSoftmax || std::fabs(s) > 1e-7) {
          sum += s = std::exp(s - largest);
        } else {
          s *= std::exp(-largest);
        }
      }
      for (double& s : scores) s /= sum;
    }
  }
}

std::vector<double> FinishScores(PostTransform transform, std::vector<double> scores, SecondClass second) {
  if (scores.size() != 1) {
    Transform(transform, scores);
    return scores;
  }
  const double s = scores[0];
  const bool alone = second == SecondClass::kNone;
  if (transform == PostTransform::kProbit) return alone ? std::vector{Probit(s)} : std::vector{Probit(1 - s), Probit(s)};
  if (alone) return scores;
  if (transform == PostTransform::kLogistic) return {Logistic(-s), Logistic(s)};
  return second == SecondClass::kComplement ? std::vector{1 - s, s} : std::vector{-s, s};
}

Result<Rows> ReadRows(const KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->dtype() == DType::kString || ClassOf(x->dtype()) == DTypeClass::kComplex) {
    return BadInput(ctx.op_type(), " needs numbers, got ", NameOf(x->dtype()));
  }
  if (x->rank() != 1 && x->rank() != 2)
    return BadInput(ctx.op_type(), " needs features of shape [N,F] or [F], got ", x->shape().ToString());
  Rows rows{x->rank() == 1 ? 1 : x->dim(0), x->shape().back(), LoadAll<double>(*x)};
  if (!IsFloat(x->dtype())) {
    for (double& v : rows.values) v = static_cast<float>(v);
  }
  return rows;
}

Result<Dim> InferRows(const InferContext& ctx) {
  const Dims* shape = ctx.input_shape(0);
  if (shape == nullptr) return Dim();
  if (shape->size() != 1 && shape->size() != 2)
    return BadInput(ctx.op_type(), " needs features of shape [N,F] or [F], got rank ", shape->size());
  return shape->size() == 1 ? Dim(1) : (*shape)[0];
}

void ClassLabels::Write(Tensor& out, int64_t i, int64_t k) const {
  const auto at = static_cast<size_t>(k);
  if (are_strings()) {
    out.mutable_strings()[i] = at < strings_.size() ? strings_[at] : StrCat(k);
  } else {
    out.mutable_data<int64_t>()[i] = at < ints_.size() ? ints_[at] : k;
  }
}

void StoreRow(Tensor& out, int64_t i, const std::vector<double>& scores) {
  const auto n = static_cast<int64_t>(scores.size());
  Store(out, i * n, n, scores.data());
}

Status InferClassifier(InferContext& ctx, DType labels, Dim columns) {
  SAMOYED_ASSIGN_OR_RETURN(const Dim rows, InferRows(ctx));
  if (ctx.num_outputs() > 0) ctx.set_output_type(0, Type::TensorOf(labels, Dims{rows}));
  if (ctx.num_outputs() > 1) ctx.set_output_type(1, Type::TensorOf(DType::kFloat, Dims{rows, std::move(columns)}));
  return OkStatus();
}

Status InferRegressor(InferContext& ctx, int64_t columns) {
  SAMOYED_ASSIGN_OR_RETURN(const Dim rows, InferRows(ctx));
  ctx.set_output_type(0, Type::TensorOf(DType::kFloat, Dims{rows, columns >= 0 ? Dim(columns) : Dim()}));
  return OkStatus();
}

}  // namespace samoyed::ops
