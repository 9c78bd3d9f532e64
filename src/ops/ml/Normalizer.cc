// Normalizer: each row divided by its largest element, its sum of magnitudes, or its Euclidean length; rows of which that is 0 stay.
// https://onnx.ai/onnx/operators/onnx_aionnxml_Normalizer.html
#include <algorithm>
#include <cmath>

#include "ops/ml/ml.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferNormalizer(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferRows(ctx).status());
  Type out = Type::TensorOf(DType::kFloat);
  if (const Dims* x = ctx.input_shape(0)) out.shape = *x;
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

double Divisor(std::string_view norm, const double* row, int64_t n) {
  double result = norm == "MAX" ? -INFINITY : 0;
  for (int64_t i = 0; i < n; ++i) {
    if (norm == "MAX")
      result = std::max(result, row[i]);
    else
      result += norm == "L1" ? std::fabs(row[i]) : row[i] * row[i];
  }
  return norm == "L2" ? std::sqrt(result) : result;
}

Status RunNormalizer(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(ops::Rows x, ops::ReadRows(ctx));
  const std::string_view norm = ctx.attributes().String("norm", "MAX");
  if (norm != "MAX" && norm != "L1" && norm != "L2") return BadInput("Normalizer: norm ", Quote(norm), " is none of MAX, L1, L2");
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kFloat, ctx.input(0)->shape());
  for (int64_t i = 0; i < x.count; ++i) {
    double* row = x.values.data() + i * x.width;
    const double divisor = Divisor(norm, row, x.width);
    if (divisor == 0) continue;
    for (int64_t k = 0; k < x.width; ++k) row[k] /= divisor;
  }
  StoreAll(*out, x.values);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_Normalizer = {.infer = InferNormalizer, .run = RunNormalizer};

}  // namespace samoyed
