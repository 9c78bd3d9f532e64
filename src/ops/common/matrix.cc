#include "ops/common/matrix.h"

#include <algorithm>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"

namespace samoyed::ops {
namespace {

// Which matrix of an operand belongs to each matrix of the product.
std::vector<int64_t> BatchOffsets(const Shape& own, const Shape& batch) {
  const Shape strides = BroadcastStrides(own, batch);
  std::vector<int64_t> out;
  const int64_t n = batch.rank() == 0 ? 1 : batch.back(), step = batch.rank() == 0 ? 0 : strides.back();
  ForEachRow(batch, std::span(&strides, 1), [&](int64_t, std::span<const int64_t> from) {
    for (int64_t i = 0; i < n; ++i) out.push_back(from[0] + i * step);
  });
  return out;
}

}  // namespace

Result<MatMulPlan> PlanMatMul(const NodeContext& ctx, const Shape& a, const Shape& b) {
  if (a.rank() == 0 || b.rank() == 0) return BadInput(ctx.op_type(), " does not take scalars");
  MatMulPlan plan;
  const bool row = a.rank() == 1, column = b.rank() == 1;
  plan.k = a.back();
  if (!row) plan.m = a[a.rank() - 2];
  if (!column) plan.n = b.back();
  if ((column ? b[0] : b[b.rank() - 2]) != plan.k) {
    return BadInput(ctx.op_type(), ": inner dimensions of ", a.ToString(), " and ", b.ToString(), " differ");
  }
  const Shape a_batch(a.dims().first(static_cast<size_t>(std::max(0, a.rank() - 2))));
  const Shape b_batch(b.dims().first(static_cast<size_t>(std::max(0, b.rank() - 2))));
  SAMOYED_ASSIGN_OR_RETURN(const Shape batch, BroadcastShapes(a_batch, b_batch));
  plan.shape = batch;
  if (!row) plan.shape.push_back(plan.m);
  if (!column) plan.shape.push_back(plan.n);
  SAMOYED_RETURN_IF_ERROR(plan.shape.CheckedNumElements().status());
  if (plan.m > 0 && plan.n > 0) {
    plan.a_batch = BatchOffsets(a_batch, batch);
    plan.b_batch = BatchOffsets(b_batch, batch);
  }
  return plan;
}

template <typename T>
void MultiplyAdd(const T* a, const T* b, T* c, int64_t m, int64_t k, int64_t n) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t p = 0; p < k; ++p) {
      const T x = a[i * k + p];
      for (int64_t j = 0; j < n; ++j) c[i * n + j] += x * b[p * n + j];
    }
  }
}
template void MultiplyAdd(const double*, const double*, double*, int64_t, int64_t, int64_t);
template void MultiplyAdd(const uint64_t*, const uint64_t*, uint64_t*, int64_t, int64_t, int64_t);

template <typename T>
Result<std::vector<T>> MultiplyBatches(KernelContext& ctx, const MatMulPlan& plan, const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> c(static_cast<size_t>(plan.shape.NumElements()));
  for (size_t i = 0; i < plan.a_batch.size(); ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    const T* from_a = a.data() + plan.a_batch[i] * plan.m * plan.k;
    const T* from_b = b.data() + plan.b_batch[i] * plan.k * plan.n;
    T* to = c.data() + static_cast<int64_t>(i) * plan.m * plan.n;
    const int64_t grain = std::max<int64_t>(1, 100000 / std::max<int64_t>(1, plan.k * plan.n));
    ctx.ParallelFor(plan.m, grain, [&](int64_t begin, int64_t end) {
      MultiplyAdd(from_a + begin * plan.k, from_b, to + begin * plan.n, end - begin, plan.k, plan.n);
    });
  }
  return c;
}
template Result<std::vector<double>> MultiplyBatches(KernelContext&, const MatMulPlan&, const std::vector<double>&, const std::vector<double>&);
template Result<std::vector<uint64_t>> MultiplyBatches(KernelContext&, const MatMulPlan&, const std::vector<uint64_t>&, const std::vector<uint64_t>&);

Status InferMatMul(InferContext& ctx, int a, int b, DType dtype) {
  ctx.set_output_type(0, Type::TensorOf(dtype));
  const Dims* x = ctx.input_shape(a);
  const Dims* y = ctx.input_shape(b);
  if (x == nullptr || y == nullptr) return OkStatus();
  if (x->empty() || y->empty()) return BadInput(ctx.op_type(), " does not take scalars");
  const bool row = x->size() == 1, column = y->size() == 1;
  const Dim& inner = column ? y->back() : (*y)[y->size() - 2];
  const auto merged = MergeDim(x->back(), inner);
  if (!merged.ok()) return BadInput(ctx.op_type(), ": inner dimensions ", x->back().value, " and ", inner.value, " differ");
  const Dims x_batch(x->begin(), x->end() - (row ? 1 : 2)), y_batch(y->begin(), y->end() - (column ? 1 : 2));
  SAMOYED_ASSIGN_OR_RETURN(Dims out, BroadcastDims(x_batch, y_batch));
  if (!row) out.push_back((*x)[x->size() - 2]);
  if (!column) out.push_back(y->back());
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(out)));
  return OkStatus();
}

double MatMulFlops(std::span<const Shape> inputs, std::span<const Shape> outputs, size_t a) {
  if (inputs.size() <= a || inputs[a].empty() || outputs.empty()) return 0;
  return 2.0 * static_cast<double>(outputs[0].NumElements()) * static_cast<double>(inputs[a].back());
}

}  // namespace samoyed::ops
