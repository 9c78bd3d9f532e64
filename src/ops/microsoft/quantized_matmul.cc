#include "ops/microsoft/quantized_matmul.h"

#include "ops/common/expand.h"
#include "ops/common/matrix.h"
#include "tensor/convert.h"

namespace samoyed::ops {

Status RunQuantizedMatMul(KernelContext& ctx, const QuantizedMatMul& q, DType dtype) {
  const Tensor &a = *q.a, &b = *q.b;
  if (!IsInteger(a.dtype()) || !IsInteger(b.dtype()))
    return BadInput(ctx.op_type(), " needs integer matrices, got ", NameOf(a.dtype()), " and ", NameOf(b.dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const MatMulPlan plan, PlanMatMul(ctx, a.shape(), b.shape()));
  const int column_axis = b.rank() - 1;
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> scale, BroadcastParameter(ctx, *q.b_scale, b.shape(), column_axis, "b_scale"));
  std::vector<double> zero(scale.size());
  if (q.b_zero != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(zero, BroadcastParameter(ctx, *q.b_zero, b.shape(), column_axis, "b_zero_point"));
  }
  std::vector<double> left = LoadAll<double>(a), right = LoadAll<double>(b);
  for (double& v : left) v = (v - q.a_zero) * q.a_scale;
  for (size_t i = 0; i < right.size(); ++i) right[i] = (right[i] - zero[i]) * scale[i];
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> y, MultiplyBatches(ctx, plan, left, right));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, plan.shape);
  if (q.bias != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> bias, BroadcastParameter(ctx, *q.bias, plan.shape, plan.shape.rank() - 1, "bias"));
    for (size_t i = 0; i < y.size(); ++i) y[i] += bias[i];
  }
  StoreAll(*out, y);
  return OkStatus();
}

}  // namespace samoyed::ops
