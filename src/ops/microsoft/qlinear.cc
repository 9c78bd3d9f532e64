#include "ops/microsoft/qlinear.h"

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "tensor/convert.h"

namespace samoyed::ops {

Status InferQLinearBinary(InferContext& ctx) {
  const Dims* a = ctx.input_shape(0);
  const Dims* b = ctx.input_shape(3);
  if (a == nullptr || b == nullptr) {
    ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0)));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(Dims dims, BroadcastDims(*a, *b));
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0), std::move(dims)));
  return OkStatus();
}

Status RunQLinearBinary(KernelContext& ctx, QLinearBinary op) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 3));
  SAMOYED_ASSIGN_OR_RETURN(const LinearQuantizer qa, QuantizerAt(ctx, 1, 2));
  SAMOYED_ASSIGN_OR_RETURN(const LinearQuantizer qb, QuantizerAt(ctx, 4, 5));
  SAMOYED_ASSIGN_OR_RETURN(const LinearQuantizer qc, QuantizerAt(ctx, 6, 7));
  if (!IsInteger(a->dtype()) || b->dtype() != a->dtype())
    return BadInput(ctx.op_type(), " needs two tensors of one type of bytes, got ", NameOf(a->dtype()), " and ", NameOf(b->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a->shape(), b->shape()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, a->dtype(), shape);
  const std::vector<int64_t> x = LoadAll<int64_t>(*a), y = LoadAll<int64_t>(*b);
  const float factor_a = static_cast<float>(qa.scale) / static_cast<float>(qc.scale),
              factor_b = static_cast<float>(qb.scale) / static_cast<float>(qc.scale),
              factor = RequantizeFactor(qa.scale, qb.scale, qc.scale);
  const Shape strides[] = {BroadcastStrides(a->shape(), shape), BroadcastStrides(b->shape(), shape)};
  const int last = shape.rank() - 1;
  const int64_t step_a = last < 0 ? 0 : strides[0][last];
  const int64_t step_b = last < 0 ? 0 : strides[1][last];
  const int64_t n = last < 0 ? 1 : shape.back();
  const IntegerRange range = RangeOf(out->dtype());
  std::vector<int64_t> result(static_cast<size_t>(out->size()));
  ForEachRow(shape, strides, [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < n; ++i) {
      const int64_t p = x[static_cast<size_t>(from[0] + i * step_a)] - qa.zero_point,
                    q = y[static_cast<size_t>(from[1] + i * step_b)] - qb.zero_point;
      const float of_a = static_cast<float>(p) * factor_a, of_b = static_cast<float>(q) * factor_b;
      const int64_t sum = op == QLinearBinary::kAdd ? LinearQuantizer{1, qc.zero_point}.Quantize(of_a + of_b)
                                                    : Requantize(static_cast<double>(p * q), factor, qc.zero_point);
      result[static_cast<size_t>(at + i)] = range.Clamp(sum);
    }
  });
  StoreAll(*out, result);
  return OkStatus();
}

Result<QLinearUnary> QLinearUnaryOperands(const KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsInteger(x->dtype())) return BadInput(ctx.op_type(), " needs integers as input 0, got ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const LinearQuantizer in, QuantizerAt(ctx, 1, 2));
  SAMOYED_ASSIGN_OR_RETURN(const LinearQuantizer out, QuantizerAt(ctx, 3, 4));
  return QLinearUnary{x, in, out};
}

Status RunQLinearUnary(KernelContext& ctx, double (*fn)(double, const Attributes&)) {
  SAMOYED_ASSIGN_OR_RETURN(const QLinearUnary q, QLinearUnaryOperands(ctx));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, q.x->dtype(), q.x->shape());
  std::vector<double> values = DequantizeAll(*q.x, q.in);
  for (double& v : values) v = fn(v, ctx.attributes());
  QuantizeAll(values, q.out, *out);
  return OkStatus();
}

}  // namespace samoyed::ops
