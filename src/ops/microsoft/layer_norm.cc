#include "ops/microsoft/layer_norm.h"

#include <algorithm>
#include <cmath>

#include "ops/common/expand.h"
#include "ops/common/infer.h"
#include "tensor/convert.h"

namespace samoyed::ops {

RowNorm::Statistics RowNorm::Apply(double* row, int64_t n) const {
  Statistics s{0, 0};
  const auto count = static_cast<double>(n);
  for (int64_t i = 0; i < n && !simplified; ++i) s.mean += row[i] / count;
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) squares += (row[i] - s.mean) * (row[i] - s.mean);
  s.inverse = 1 / std::sqrt(squares / count + epsilon);
  for (int64_t i = 0; i < n; ++i) {
    const auto k = static_cast<size_t>(i);
    row[i] = (row[i] - s.mean) * s.inverse * (scale.empty() ? 1 : scale[k]) + (bias.empty() ? 0 : bias[k]);
  }
  return s;
}

Result<std::vector<double>> RowParameter(const KernelContext& ctx, int i, int64_t n, std::string_view what) {
  const Tensor* t = ctx.input(i);
  if (t == nullptr) return std::vector<double>();
  if (!IsFloat(t->dtype()) || t->size() != n) {
    return BadInput(ctx.op_type(), ": ", what, " must hold ", n, " floats, got ", NameOf(t->dtype()), t->shape().ToString());
  }
  return LoadAll<double>(*t);
}

namespace {

// Output i, where the node has it: one number a row.
Status StoreStatistics(KernelContext& ctx, int i, Shape shape, const std::vector<double>& values) {
  if (!ctx.wants_output(i)) return OkStatus();
  shape[shape.rank() - 1] = 1;
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, DType::kFloat, shape);
  if (values.empty())
    std::fill_n(out->mutable_data<float>(), out->size(), 0.0f);  // rows of no elements have no statistics
  else
    StoreAll(*out, values);
  return OkStatus();
}

}  // namespace

Status RunSkipNorm(KernelContext& ctx, bool simplified) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* skip, RequireInput(ctx, 1));
  if (!IsFloat(x->dtype()) || x->rank() == 0 || skip->dtype() != x->dtype()) {
    return BadInput(ctx.op_type(), " needs floats of at least one axis, got ", NameOf(x->dtype()), x->shape().ToString());
  }
  const int64_t n = x->shape().back(), rows = n == 0 ? 0 : x->size() / n;
  RowNorm norm{simplified, static_cast<double>(ctx.attributes().Float("epsilon", 1e-12f)), {}, {}};
  SAMOYED_ASSIGN_OR_RETURN(norm.scale, RowParameter(ctx, 2, n, "gamma"));
  if (!simplified) {
    SAMOYED_ASSIGN_OR_RETURN(norm.bias, RowParameter(ctx, 3, n, "beta"));
  }
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> added, RowParameter(ctx, simplified ? 3 : 4, n, "bias"));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor other, ExpandTo(ctx, *skip, x->shape(), "skip"));
  std::vector<double> sum = LoadAll<double>(*x), means(static_cast<size_t>(rows)), inverses(static_cast<size_t>(rows));
  const std::vector<double> skipped = LoadAll<double>(other);
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += skipped[i] + (added.empty() ? 0 : added[i % static_cast<size_t>(n)]);
  if (ctx.wants_output(3)) {
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 3, x->dtype(), x->shape());
    StoreAll(*out, sum);
  }
  for (int64_t r = 0; r < rows; ++r) {
    const RowNorm::Statistics s = norm.Apply(sum.data() + r * n, n);
    means[static_cast<size_t>(r)] = s.mean;
    inverses[static_cast<size_t>(r)] = s.inverse;
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  StoreAll(*y, sum);
  SAMOYED_RETURN_IF_ERROR(StoreStatistics(ctx, 1, x->shape(), means));
  return StoreStatistics(ctx, 2, x->shape(), inverses);
}

Status InferSkipNorm(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(InferSameAsInput(ctx));
  const Type* x = ctx.tensor_type(0);
  if (x == nullptr) return OkStatus();
  for (int i = 1; i < std::min(3, ctx.num_outputs()); ++i) {
    Type out = Type::TensorOf(DType::kFloat);
    out.shape = x->shape;
    if (out.shape && !out.shape->empty()) out.shape->back() = Dim(1);
    ctx.set_output_type(i, std::move(out));
  }
  if (ctx.num_outputs() > 3) ctx.set_output_type(3, *x);
  return OkStatus();
}

}  // namespace samoyed::ops
