// Inverse: of each matrix of a batch, by Gauss-Jordan elimination with partial pivoting; singular ones become infinities.
// com.microsoft, ONNX Runtime's ContribOperators.
#include <cmath>
#include <limits>

#include "ops/common/infer.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// b = a^-1 for n x n matrices, row-major; a is destroyed.
void Invert(double* a, double* b, int64_t n) {
  for (int64_t i = 0; i < n * n; ++i) b[i] = i / n == i % n;
  for (int64_t c = 0; c < n; ++c) {
    int64_t pivot = c;
    for (int64_t r = c + 1; r < n; ++r) {
      if (std::fabs(a[r * n + c]) > std::fabs(a[pivot * n + c])) pivot = r;
    }
    for (int64_t k = 0; k < n && pivot != c; ++k) {
      std::swap(a[pivot * n + k], a[c * n + k]);
      std::swap(b[pivot * n + k], b[c * n + k]);
    }
    const double factor = a[c * n + c];
    if (factor == 0) {
      for (int64_t i = 0; i < n * n; ++i) b[i] = std::numeric_limits<double>::infinity();
      return;
    }
    for (int64_t k = 0; k < n; ++k) {
      a[c * n + k] /= factor;
      b[c * n + k] /= factor;
    }
    for (int64_t r = 0; r < n; ++r) {
      const double times = a[r * n + c];
      if (r == c || times == 0) continue;
      for (int64_t k = 0; k < n; ++k) {
        a[r * n + k] -= times * a[c * n + k];
        b[r * n + k] -= times * b[c * n + k];
      }
    }
  }
}

Status RunInverse(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsFloat(x->dtype()) || x->rank() < 2 || x->dim(x->rank() - 2) != x->shape().back()) {
    return BadInput("Inverse needs square matrices of floats, got ", NameOf(x->dtype()), x->shape().ToString());
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x->dtype(), x->shape());
  const int64_t n = x->shape().back(), count = x->shape().Product(0, x->rank() - 2);
  std::vector<double> from = LoadAll<double>(*x), to(from.size());
  for (int64_t i = 0; i < count; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    Invert(from.data() + i * n * n, to.data() + i * n * n, n);
  }
  StoreAll(*out, to);
  return OkStatus();
}

constexpr SchemaParam kInputs[] = {ops::Param("X", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Inverse", kInputs, kOutputs, {}, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_Inverse = {.infer = ops::InferSameAsInput, .run = RunInverse, .schemas = kSchemas};

}  // namespace samoyed
