#include "ops/common/normalise.h"

#include <cmath>

#include "tensor/convert.h"

namespace samoyed::ops {

Status RunGroupNormalization(KernelContext& ctx, int64_t groups, bool by_group) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* bias, RequireInput(ctx, 2));
  if (!IsFloat(x->dtype()) || x->rank() < 2)
    return BadInput(ctx.op_type(), " needs floats [N, C, ...], got ", NameOf(x->dtype()), x->shape().ToString());
  const int64_t channels = x->dim(1);
  if (groups < 1 || channels % groups != 0) return BadInput(ctx.op_type(), ": ", channels, " channels in ", groups, " groups");
  const int64_t parameters = by_group ? groups : channels;
  for (const Tensor* p : {scale, bias}) {
    if (!IsFloat(p->dtype()) || p->rank() != 1 || p->dim(0) != parameters) {
      return BadInput(ctx.op_type(), ": scale and bias need ", parameters, " elements, got ", NameOf(p->dtype()), p->shape().ToString());
    }
  }
  const double epsilon = ctx.attributes().Float("epsilon", 1e-5f);
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  std::vector<double> values = LoadAll<double>(*x);
  const std::vector<double> gamma = LoadAll<double>(*scale), beta = LoadAll<double>(*bias);
  const int64_t inner = x->shape().Product(2, x->rank()), per_group = channels / groups, n = per_group * inner;
  for (int64_t g = 0; g < x->dim(0) * groups && n > 0; ++g) {
    double* group = values.data() + g * n;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; ++i) sum += group[i];
    const double mean = sum / static_cast<double>(n);
    for (int64_t i = 0; i < n; ++i) squares += (group[i] - mean) * (group[i] - mean);
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(n) + epsilon);
    for (int64_t i = 0; i < n; ++i) {
      const auto p = static_cast<size_t>(by_group ? g % groups : g % groups * per_group + i / inner);
      group[i] = (group[i] - mean) * inverse * gamma[p] + beta[p];
    }
  }
  StoreAll(*y, values);
  return OkStatus();
}

}  // namespace samoyed::ops
