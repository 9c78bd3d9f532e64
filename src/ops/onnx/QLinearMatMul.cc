// QLinearMatMul: the product of quantised tensors; A's scale and zero point are one, or one a row, B's one, or one a column.
// From version 21 on also of 8-bit floats. https://onnx.ai/onnx/operators/onnx__QLinearMatMul.html
#include "ops/common/expand.h"
#include "ops/common/matrix.h"
#include "ops/common/quantize.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kA, kAScale, kAZero, kB, kBScale, kBZero, kYScale, kYZero };

Status InferQLinearMatMul(InferContext& ctx) { return ops::InferMatMul(ctx, kA, kB, ctx.input_dtype(kYZero)); }

// (elements - zero points) * scales.
Result<std::vector<double>> LoadReal(const KernelContext& ctx, int first, int axis_from_back) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, first));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, RequireInput(ctx, first + 1));
  const int axis = t->rank() - axis_from_back;
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> values, ops::LoadCentred(ctx, *t, ctx.input(first + 2), axis));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> scales, ops::BroadcastParameter(ctx, *scale, t->shape(), axis, "scale"));
  for (size_t i = 0; i < values.size(); ++i) values[i] *= scales[i];
  return values;
}

Status RunQLinearMatMul(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, kA));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, kB));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* y_scale, RequireInput(ctx, kYScale));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* y_zero, RequireInput(ctx, kYZero));
  SAMOYED_ASSIGN_OR_RETURN(const ops::MatMulPlan plan, ops::PlanMatMul(ctx, a->shape(), b->shape()));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> x, LoadReal(ctx, kA, 2));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> y, LoadReal(ctx, kB, 1));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, y_zero->dtype(), plan.shape);
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> c, ops::MultiplyBatches(ctx, plan, x, y));
  const int axis = plan.shape.rank() - 2;
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> scales, ops::BroadcastParameter(ctx, *y_scale, plan.shape, axis, "y_scale"));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> zeros, ops::BroadcastParameter(ctx, *y_zero, plan.shape, axis, "y_zero_point"));
  if (IsFloat(y_zero->dtype())) {
    for (size_t i = 0; i < c.size(); ++i) c[i] = c[i] / scales[i] + zeros[i];
    StoreAll(*out, c);
    return OkStatus();
  }
  const ops::IntegerRange range = ops::RangeOf(y_zero->dtype());
  std::vector<int64_t> q(c.size());
  for (size_t i = 0; i < c.size(); ++i) q[i] = range.Clamp(ops::LinearQuantizer{scales[i], static_cast<int64_t>(zeros[i])}.Quantize(c[i]));
  StoreAll(*out, q);
  return OkStatus();
}

double Flops(const Attributes&, std::span<const Shape> inputs, std::span<const Shape> outputs) { return ops::MatMulFlops(inputs, outputs, kA); }

}  // namespace

extern const OpDef kOp_onnx_QLinearMatMul = {.infer = InferQLinearMatMul, .run = RunQLinearMatMul, .flops = Flops};

}  // namespace samoyed
