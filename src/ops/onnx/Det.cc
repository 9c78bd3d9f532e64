// Det: determinants of square matrices in the last two axes, by elimination with pivots. https://onnx.ai/onnx/operators/onnx__Det.html
#include <cmath>
#include <utility>

#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

double Determinant(double* a, int64_t n) {
  double det = 1;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t r = k + 1; r < n; ++r) pivot = std::fabs(a[r * n + k]) > std::fabs(a[pivot * n + k]) ? r : pivot;
    if (a[pivot * n + k] == 0) return 0;
    if (pivot != k) {
      for (int64_t c = k; c < n; ++c) std::swap(a[k * n + c], a[pivot * n + c]);
      det = -det;
    }
    det *= a[k * n + k];
    for (int64_t r = k + 1; r < n; ++r) {
      const double factor = a[r * n + k] / a[k * n + k];
      for (int64_t c = k; c < n; ++c) a[r * n + c] -= factor * a[k * n + c];
    }
  }
  return det;
}

Status InferDet(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  if (!in->shape) return OkStatus();
  if (in->rank() < 2) return BadInput("Det needs matrices, got rank ", in->rank());
  const Dim &rows = (*in->shape)[in->shape->size() - 2], &columns = in->shape->back();
  SAMOYED_RETURN_IF_ERROR(ops::MergeDim(rows, columns).status());
  ctx.set_output_type(0, Type::TensorOf(in->dtype, Dims(in->shape->begin(), in->shape->end() - 2)));
  return OkStatus();
}

Status RunDet(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsFloat(x->dtype()) || x->rank() < 2 || x->shape().back() != x->dim(x->rank() - 2)) {
    return BadInput("Det needs square matrices of floats, got ", NameOf(x->dtype()), x->shape().ToString());
  }
  const Shape batch(x->shape().dims().first(static_cast<size_t>(x->rank() - 2)));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), batch);
  const int64_t n = x->shape().back();
  std::vector<double> values = LoadAll<double>(*x), out(static_cast<size_t>(y->size()));
  for (size_t i = 0; i < out.size(); ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    out[i] = Determinant(values.data() + static_cast<int64_t>(i) * n * n, n);
  }
  StoreAll(*y, out);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Det = {.infer = InferDet, .run = RunDet, .tolerance = {1e-4, 1e-5}};

}  // namespace samoyed
