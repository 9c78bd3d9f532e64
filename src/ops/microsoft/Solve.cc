// Solve: the X of A X = Y (of A^T X = Y where `transposed` is set), by Gaussian elimination with partial pivoting in double precision.
// com.microsoft; ONNX Runtime has no such operator, but skl2onnx writes it for GaussianProcessClassifier and means scipy.linalg.solve,
// which takes A as it is whatever `lower` says. https://docs.scipy.org/doc/scipy/reference/generated/scipy.linalg.solve.html
#include <cmath>

#include "ops/common/infer.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// y (n x width) becomes a^-1 y for an n x n matrix a, both row-major; a is destroyed. False: a is singular.
Result<bool> Eliminate(KernelContext& ctx, double* a, double* y, int64_t n, int64_t width) {
  for (int64_t c = 0; c < n; ++c) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    int64_t pivot = c;
    for (int64_t r = c + 1; r < n; ++r) {
      if (std::fabs(a[r * n + c]) > std::fabs(a[pivot * n + c])) pivot = r;
    }
    if (a[pivot * n + c] == 0) return false;
    for (int64_t k = c; k < n && pivot != c; ++k) std::swap(a[pivot * n + k], a[c * n + k]);
    for (int64_t k = 0; k < width && pivot != c; ++k) std::swap(y[pivot * width + k], y[c * width + k]);
    for (int64_t r = c + 1; r < n; ++r) {
      const double times = a[r * n + c] / a[c * n + c];
      if (times == 0) continue;
      for (int64_t k = c; k < n; ++k) a[r * n + k] -= times * a[c * n + k];
      for (int64_t k = 0; k < width; ++k) y[r * width + k] -= times * y[c * width + k];
    }
  }
  for (int64_t r = n - 1; r >= 0; --r) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t c = r + 1; c < n; ++c) {
      for (int64_t k = 0; k < width; ++k) y[r * width + k] -= a[r * n + c] * y[c * width + k];
    }
    for (int64_t k = 0; k < width; ++k) y[r * width + k] /= a[r * n + r];
  }
  return true;
}

Status RunSolve(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* y, RequireInput(ctx, 1));
  if (!IsFloat(a->dtype()) || a->dtype() != y->dtype() || a->rank() != 2 || a->dim(0) != a->dim(1) || y->rank() < 1 || y->rank() > 2 ||
      y->dim(0) != a->dim(0)) {
    return BadInput("Solve needs a square matrix of floats and as many rows, got ", NameOf(a->dtype()), a->shape().ToString(), " and ",
                    NameOf(y->dtype()), y->shape().ToString());
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, y->dtype(), y->shape());
  const int64_t n = a->dim(0), width = y->rank() == 2 ? y->dim(1) : 1;
  std::vector<double> matrix = LoadAll<double>(*a), x = LoadAll<double>(*y);
  if (ctx.attributes().Int("transposed") != 0) {
    for (int64_t r = 0; r < n; ++r) {
      for (int64_t c = 0; c < r; ++c) std::swap(matrix[static_cast<size_t>(r * n + c)], matrix[static_cast<size_t>(c * n + r)]);
    }
  }
  SAMOYED_ASSIGN_OR_RETURN(const bool solved, Eliminate(ctx, matrix.data(), x.data(), n, width));
  if (!solved) return BadInput("Solve: the matrix of ", n, " rows is singular; no X gives Y for it");
  StoreAll(*out, x);
  return OkStatus();
}

Status InferSolve(InferContext& ctx) {
  const Dims* y = ctx.input_shape(1);
  ctx.set_output_type(0, y == nullptr ? Type::TensorOf(ctx.input_dtype(1)) : Type::TensorOf(ctx.input_dtype(1), *y));
  return OkStatus();
}

constexpr SchemaParam kInputs[] = {ops::Param("A", "T"), ops::Param("Y", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("X", "T")};
constexpr SchemaAttr kAttributes[] = {ops::IntAttr("lower", 0), ops::IntAttr("transposed", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Solve", kInputs, kOutputs, kAttributes, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_Solve = {.infer = InferSolve, .run = RunSolve, .schemas = kSchemas};

}  // namespace samoyed
