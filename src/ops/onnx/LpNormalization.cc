// LpNormalization: lines along an axis divided by their norm, p = 1 or 2; a line of zeros stays one.
// https://onnx.ai/onnx/operators/onnx__LpNormalization.html
#include <cmath>

#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status RunLpNormalization(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsFloat(x->dtype())) return BadInput("LpNormalization of ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), x->rank()));
  const int64_t p = ctx.attributes().Int("p", 2);
  if (p != 1 && p != 2) return BadInput("LpNormalization: p must be 1 or 2, not ", p);
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  std::vector<double> values = LoadAll<double>(*x);
  const int64_t n = x->dim(axis), inner = x->shape().Product(axis + 1, x->rank()), outer = x->shape().Product(0, axis);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      double* line = values.data() + o * n * inner + i;
      double norm = 0;
      for (int64_t k = 0; k < n; ++k) norm += p == 1 ? std::fabs(line[k * inner]) : line[k * inner] * line[k * inner];
      if (p == 2) norm = std::sqrt(norm);
      for (int64_t k = 0; k < n; ++k) line[k * inner] = norm == 0 ? 0 : line[k * inner] / norm;
    }
  }
  StoreAll(*y, values);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_LpNormalization = {.infer = ops::InferSameAsInput, .run = RunLpNormalization};

}  // namespace samoyed
