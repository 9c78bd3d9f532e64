// Matrix products with numpy's batching and broadcasting.
#ifndef SAMOYED_OPS_COMMON_MATRIX_H_
#define SAMOYED_OPS_COMMON_MATRIX_H_

#include <cstdint>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// How A [..., M, K] times B [..., K, N] runs; vectors are taken as a row (A) or a column (B) and lose that axis again.
struct MatMulPlan {
  int64_t m = 1, k = 0, n = 1;
  Shape shape;                             // of the product
  std::vector<int64_t> a_batch, b_batch;  // the matrices of A and B that make each matrix of the product
};
Result<MatMulPlan> PlanMatMul(const NodeContext& ctx, const Shape& a, const Shape& b);

// c[m, n] += a[m, k] * b[k, n], all row-major and contiguous. Instantiated for double and uint64_t (whose sums wrap).
template <typename T>
void MultiplyAdd(const T* a, const T* b, T* c, int64_t m, int64_t k, int64_t n);

// The product of all batches.
template <typename T>
Result<std::vector<T>> MultiplyBatches(KernelContext& ctx, const MatMulPlan& plan, const std::vector<T>& a, const std::vector<T>& b);

// Output 0 = the product of the shapes of inputs a and b, of type `dtype`.
Status InferMatMul(InferContext& ctx, int a, int b, DType dtype);

// Multiplications and additions for input a and output 0.
double MatMulFlops(std::span<const Shape> inputs, std::span<const Shape> outputs, size_t a);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_MATRIX_H_
