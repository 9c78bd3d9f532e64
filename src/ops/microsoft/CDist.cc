// CDist: the distance of each row of A to each row of B. com.microsoft, ONNX Runtime's ContribOperators.
#include <cmath>

#include "ops/common/infer.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status InferCDist(InferContext& ctx) {
  const Dims* a = ctx.input_shape(0);
  const Dims* b = ctx.input_shape(1);
  if ((a != nullptr && a->size() != 2) || (b != nullptr && b->size() != 2)) return BadInput("CDist needs matrices");
  if (a != nullptr && b != nullptr) SAMOYED_RETURN_IF_ERROR(ops::MergeDim((*a)[1], (*b)[1]).status());
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0), Dims{a == nullptr ? Dim() : (*a)[0], b == nullptr ? Dim() : (*b)[0]}));
  return OkStatus();
}

Status RunCDist(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
  if (a->rank() != 2 || b->rank() != 2 || a->dim(1) != b->dim(1) || !IsFloat(a->dtype()) || a->dtype() != b->dtype()) {
    return BadInput("CDist needs matrices of floats of equal width, got ", a->shape().ToString(), " and ", b->shape().ToString());
  }
  const std::string_view metric = ctx.attributes().String("metric", "sqeuclidean");
  if (metric != "sqeuclidean" && metric != "euclidean")
    return Unsupported("CDist: the metric ", Quote(metric), " is not known; euclidean and sqeuclidean are");
  const int64_t m = a->dim(0), n = b->dim(0), width = a->dim(1);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, a->dtype(), (Shape{m, n}));
  const std::vector<double> x = LoadAll<double>(*a), y = LoadAll<double>(*b);
  std::vector<double> distances(static_cast<size_t>(m * n));
  for (int64_t i = 0; i < m; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < width; ++k) {
        const double d = x[static_cast<size_t>(i * width + k)] - y[static_cast<size_t>(j * width + k)];
        sum += d * d;
      }
      distances[static_cast<size_t>(i * n + j)] = metric == "euclidean" ? std::sqrt(sum) : sum;
    }
  }
  StoreAll(*out, distances);
  return OkStatus();
}

constexpr SchemaParam kInputs[] = {ops::Param("A", "T"), ops::Param("B", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("C", "T")};
constexpr SchemaAttr kAttributes[] = {ops::StringAttr("metric", "sqeuclidean")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("CDist", kInputs, kOutputs, kAttributes, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_CDist = {.infer = InferCDist, .run = RunCDist, .schemas = kSchemas};

}  // namespace samoyed
