// SVMClassifier: one machine for each pair of classes, which vote; with prob_a and prob_b the pairs' scores become probabilities.
// https://onnx.ai/onnx/operators/onnx_aionnxml_SVMClassifier.html Without support vectors: one linear function a class.
// Probabilities: T.-F. Wu, C.-J. Lin, R. C. Weng, "Probability estimates for multi-class classification by pairwise coupling" (2004),
// the second method, with LIBSVM's limits on iterations and error.
#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "ops/ml/svm.h"
#include "ops/op.h"

namespace samoyed {
namespace {

struct Machine {
  explicit Machine(const NodeContext& ctx, ops::SvmKernel k)
      : kernel(k),
        labels(ctx, "classlabels_ints", "classlabels_strings"),
        coefficients(ctx.attributes().Floats("coefficients")),
        vectors(ctx.attributes().Floats("support_vectors")),
        rho(ctx.attributes().Floats("rho")),
        prob_a(ctx.attributes().Floats("prob_a")),
        prob_b(ctx.attributes().Floats("prob_b")),
        per_class(ctx.attributes().Ints("vectors_per_class")) {}

  ops::SvmKernel kernel;
  ops::ClassLabels labels;
  std::span<const float> coefficients, vectors, rho, prob_a, prob_b;
  std::span<const int64_t> per_class;
  int64_t classes = 0, supports = 0, pairs = 0;
  std::vector<int64_t> begin;  // of each class's support vectors

  bool linear() const { return supports == 0; }
  bool has_probabilities() const { return !prob_a.empty() && !linear(); }
  // How many scores a row has before and after the last step.
  int64_t raw_columns() const { return linear() || has_probabilities() ? classes : pairs; }
  int64_t columns() const { return raw_columns() == 1 && labels.size() == 2 ? 2 : raw_columns(); }

  Status Check(const NodeContext& ctx);
  Status CheckWidth(int64_t width) const;
};

Status Machine::Check(const NodeContext& ctx) {
  classes = labels.size();
  for (int64_t n : per_class) {
    const std::optional<int64_t> sum = n < 0 ? std::nullopt : CheckedAdd(supports, n);
    if (!sum) return BadInput("SVMClassifier: vectors_per_class holds ", n);
    begin.push_back(supports);
    supports = *sum;
  }
  if (classes == 0) classes = std::max<int64_t>(1, static_cast<int64_t>(per_class.size()));
  if (rho.empty()) return BadInput("SVMClassifier needs rho");
  if (linear()) {
    kernel = ops::SvmKernel::Linear();
    return OkStatus();
  }
  if (static_cast<int64_t>(per_class.size()) != classes || classes < 2 || classes > 46340) {
    return BadInput(ctx.op_type(), ": ", per_class.size(), " vectors_per_class for ", classes, " classes");
  }
  pairs = classes * (classes - 1) / 2;
  const std::optional<int64_t> needed = CheckedMul(classes - 1, supports);
  if (!needed || *needed != static_cast<int64_t>(coefficients.size())) {
    return BadInput("SVMClassifier: ", coefficients.size(), " coefficients do not fit ", supports, " support vectors of ", classes,
                    " classes");
  }
  if (static_cast<int64_t>(rho.size()) < pairs)
    return BadInput("SVMClassifier: rho has ", rho.size(), " elements for ", pairs, " pairs of classes");
  if (has_probabilities() && (static_cast<int64_t>(prob_a.size()) < pairs || prob_b.size() != prob_a.size())) {
    return BadInput("SVMClassifier: prob_a and prob_b have ", prob_a.size(), " and ", prob_b.size(), " elements for ", pairs,
                    " pairs of classes");
  }
  return OkStatus();
}

Status Machine::CheckWidth(int64_t width) const {
  const std::optional<int64_t> needed = CheckedMul(linear() ? classes : supports, width);
  const std::span<const float> list = linear() ? coefficients : vectors;
  if (needed && *needed == static_cast<int64_t>(list.size())) return OkStatus();
  return BadInput("SVMClassifier: ", list.size(), linear() ? " coefficients" : " numbers of support vectors", " do not fit rows of ", width,
                  " features");
}

// The scores of all pairs, and each class's votes.
void ScorePairs(const Machine& m, const double* row, int64_t width, std::vector<double>& scores, std::vector<int64_t>& votes) {
  std::vector<double> kernels(static_cast<size_t>(m.supports));
  for (int64_t s = 0; s < m.supports; ++s) kernels[static_cast<size_t>(s)] = m.kernel(row, m.vectors.data() + s * width, width);
  const auto dot = [&](int64_t line, int64_t cls) {
    double sum = 0;
    for (int64_t k = 0; k < m.per_class[static_cast<size_t>(cls)]; ++k) {
      const auto at = static_cast<size_t>(m.begin[static_cast<size_t>(cls)] + k);
      sum += static_cast<double>(m.coefficients[static_cast<size_t>(line * m.supports) + at]) * kernels[at];
    }
    return sum;
  };
  size_t pair = 0;
  for (int64_t i = 0; i < m.classes; ++i) {
    for (int64_t j = i + 1; j < m.classes; ++j, ++pair) {
      scores[pair] = static_cast<double>(m.rho[pair]) + dot(j - 1, i) + dot(i, j);
      ++votes[static_cast<size_t>(scores[pair] > 0 ? i : j)];
    }
  }
}

// One round of the method: p, and Qp = Q p, for all classes in turn.
void Couple(const std::vector<double>& q, std::vector<double>& p, std::vector<double>& qp, double pqp) {
  const size_t n = p.size();
  for (size_t t = 0; t < n; ++t) {
    const double diff = (pqp - qp[t]) / q[t * n + t];
    p[t] += diff;
    pqp = (pqp + diff * (diff * q[t * n + t] + 2 * qp[t])) / (1 + diff) / (1 + diff);
    for (size_t j = 0; j < n; ++j) {
      qp[j] = (qp[j] + diff * q[t * n + j]) / (1 + diff);
      p[j] /= 1 + diff;
    }
  }
}

std::vector<double> Probabilities(const Machine& m, const std::vector<double>& scores) {
  const auto n = static_cast<size_t>(m.classes);
  std::vector<double> r(n * n), q(n * n), p(n, 1.0 / static_cast<double>(n)), qp(n);
  size_t pair = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j, ++pair) {
      const double x = 1 - ops::Logistic(scores[pair] * static_cast<double>(m.prob_a[pair]) + static_cast<double>(m.prob_b[pair]));
      r[i * n + j] = std::clamp(x, 1e-7, 1 - 1e-7);
      r[j * n + i] = 1 - r[i * n + j];
    }
  }
  for (size_t t = 0; t < n; ++t) {
    for (size_t j = 0; j < n; ++j) {
      if (j == t) continue;
      q[t * n + t] += r[j * n + t] * r[j * n + t];
      q[t * n + j] = -r[j * n + t] * r[t * n + j];
    }
  }
  for (size_t round = 0; round < std::max<size_t>(100, n); ++round) {
    double pqp = 0, error = 0;
    for (size_t t = 0; t < n; ++t) {
      qp[t] = 0;
      for (size_t j = 0; j < n; ++j) qp[t] += q[t * n + j] * p[j];
      pqp += p[t] * qp[t];
    }
    for (size_t t = 0; t < n; ++t) error = std::max(error, std::fabs(qp[t] - pqp));
    if (error < 0.005 / static_cast<double>(n)) break;
    Couple(q, p, qp, pqp);
  }
  return p;
}

Status InferSVMClassifier(InferContext& ctx) {
  Machine m(ctx, ops::SvmKernel::Linear());
  SAMOYED_RETURN_IF_ERROR(m.Check(ctx));
  return ops::InferClassifier(ctx, m.labels.dtype(), Dim(m.columns()));
}

Status RunSVMClassifier(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::Rows x, ops::ReadRows(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const ops::PostTransform transform, ops::PostTransformAttribute(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const ops::SvmKernel kernel, ops::SvmKernel::Make(ctx));
  Machine m(ctx, kernel);
  SAMOYED_RETURN_IF_ERROR(m.Check(ctx));
  SAMOYED_RETURN_IF_ERROR(m.CheckWidth(x.width));
  const int64_t columns = m.columns();
  SAMOYED_ALLOCATE_OUTPUT(label, ctx, 0, m.labels.dtype(), (Shape{x.count}));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 1, DType::kFloat, (Shape{x.count, columns}));
  for (int64_t i = 0; i < x.count; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    std::vector<double> scores(static_cast<size_t>(m.linear() ? m.classes : m.pairs));
    std::vector<int64_t> votes(static_cast<size_t>(m.classes));
    int64_t winner = 0;
    if (m.linear()) {
      for (int64_t k = 0; k < m.classes; ++k)
        scores[static_cast<size_t>(k)] = static_cast<double>(m.rho[0]) + m.kernel(x.row(i), m.coefficients.data() + k * x.width, x.width);
      winner = std::ranges::max_element(scores) - scores.begin();
    } else {
      ScorePairs(m, x.row(i), x.width, scores, votes);
      if (m.has_probabilities()) scores = Probabilities(m, scores);
      winner = std::ranges::max_element(votes) - votes.begin();  // of probabilities, too, as in LIBSVM
    }
    m.labels.Write(*label, i, winner);
    const auto second = transform == ops::PostTransform::kNone ? ops::SecondClass::kOpposite : ops::SecondClass::kComplement;
    scores = ops::FinishScores(transform, std::move(scores), columns == 2 ? second : ops::SecondClass::kNone);
    ops::StoreRow(*out, i, scores);
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_SVMClassifier = {.infer = InferSVMClassifier, .run = RunSVMClassifier};

}  // namespace samoyed
