// QLinearSoftmax: Y = quantise(softmax(dequantise(X)) along `axis`; below opset 13 (attribute `opset`), as the standard's Softmax
// was then, over all axes from `axis` on. com.microsoft, ONNX Runtime's ContribOperators.
#include <algorithm>
#include <cmath>

#include "ops/common/infer.h"
#include "ops/microsoft/qlinear.h"

namespace samoyed {
namespace {

// softmax of n elements that lie `step` apart.
void Softmax(double* x, int64_t n, int64_t step) {
  double largest = -INFINITY;
  for (int64_t i = 0; i < n; ++i) largest = std::max(largest, x[i * step]);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += x[i * step] = std::exp(x[i * step] - largest);
  for (int64_t i = 0; i < n; ++i) x[i * step] /= sum;
}

Status RunQLinearSoftmax(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::QLinearUnary q, ops::QLinearUnaryOperands(ctx));
  const Shape& shape = q.x->shape();
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), shape.rank()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, q.x->dtype(), shape);
  std::vector<double> values = ops::DequantizeAll(*q.x, q.in);
  const bool over_rest = ctx.attributes().Int("opset", 13) < 13;
  const int64_t n = over_rest ? shape.Product(axis, shape.rank()) : shape[axis];
  const int64_t step = over_rest ? 1 : shape.Product(axis + 1, shape.rank());
  const int64_t outer = shape.Product(0, axis);
  for (int64_t i = 0; i < outer; ++i) {
    for (int64_t k = 0; k < step && n > 0; ++k) Softmax(values.data() + i * n * step + k, n, step);
  }
  ops::QuantizeAll(values, q.out, *out);
  return OkStatus();
}

constexpr SchemaAttr kAttributes[] = {ops::IntAttr("axis", -1), ops::BareAttr("opset", SchemaAttrType::kInt, true)};
constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearSoftmax", ops::kQLinearUnaryInputs, ops::kQLinearUnaryOutputs, kAttributes, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearSoftmax = {
    .infer = ops::InferSameAsInput,
    .run = RunQLinearSoftmax,
    .schemas = kSchemas,
};

}  // namespace samoyed
