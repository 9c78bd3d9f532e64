// ArrayFeatureExtractor: the elements of X at the indices Y of its last axis; a vector becomes a matrix of one row.
// Indices below zero count from the end, as in the standard's reference: skl2onnx writes -1 for "no neighbour" and masks what it gives.
// https://onnx.ai/onnx/operators/onnx_aionnxml_ArrayFeatureExtractor.html
#include "base/checked.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferArrayFeatureExtractor(InferContext& ctx) {
  Type out = Type::TensorOf(ctx.input_dtype(0));
  const Dims* x = ctx.input_shape(0);
  if (x != nullptr && x->empty()) return BadInput("ArrayFeatureExtractor needs at least one axis");
  if (x != nullptr) {
    out.shape = x->size() == 1 ? Dims{Dim(1), Dim()} : *x;
    out.shape->back() = Dim();
    const Dims* y = ctx.input_shape(1);
    if (y != nullptr) {
      std::optional<int64_t> count = 1;
      for (const Dim& d : *y) count = count && d.known() ? CheckedMul(*count, d.value) : std::nullopt;
      if (count) out.shape->back() = Dim(*count);
    }
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

Status RunArrayFeatureExtractor(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* y, RequireInput(ctx, 1));
  if (x->rank() == 0) return BadInput("ArrayFeatureExtractor needs at least one axis");
  if (y->dtype() != DType::kInt64) return BadInput("ArrayFeatureExtractor needs indices of int64, got ", NameOf(y->dtype()));
  const int64_t width = x->shape().back();
  for (int64_t i : y->span<int64_t>()) {
    if (i < -width || i >= width) return BadInput("ArrayFeatureExtractor: index ", i, " is not in [", -width, ", ", width, ")");
  }
  Shape shape = x->rank() == 1 ? Shape{1, 0} : x->shape();
  shape[shape.rank() - 1] = y->size();
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x->dtype(), shape);
  const int64_t rows = shape.Product(0, shape.rank() - 1);
  for (int64_t r = 0; r < rows; ++r) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t k = 0; k < y->size(); ++k) {
      const int64_t i = y->data<int64_t>()[k];
      ops::CopyElements(*x, r * width + (i < 0 ? i + width : i), *out, r * y->size() + k, 1);
    }
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_ArrayFeatureExtractor = {.infer = InferArrayFeatureExtractor, .run = RunArrayFeatureExtractor};

}  // namespace samoyed
