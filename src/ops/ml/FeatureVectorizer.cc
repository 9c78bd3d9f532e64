// FeatureVectorizer: the inputs' rows side by side, as float. `inputdimensions` says how wide each is: longer rows are cut, shorter
// ones filled with zeros. https://onnx.ai/onnx/operators/onnx_aionnxml_FeatureVectorizer.html
#include <algorithm>

#include "base/checked.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The sum of the widths, or an error where they do not fit the inputs.
Result<int64_t> TotalWidth(const NodeContext& ctx) {
  const std::span<const int64_t> widths = ctx.attributes().Ints("inputdimensions");
  if (static_cast<int>(widths.size()) != ctx.num_inputs()) {
    return BadInput("FeatureVectorizer: inputdimensions has ", widths.size(), " elements for ", ctx.num_inputs(), " inputs");
  }
  int64_t total = 0;
  for (int64_t w : widths) {
    const std::optional<int64_t> sum = w < 0 ? std::nullopt : CheckedAdd(total, w);
    if (!sum) return BadInput("FeatureVectorizer: inputdimensions holds ", w);
    total = *sum;
  }
  return total;
}

Status InferFeatureVectorizer(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const int64_t total, TotalWidth(ctx));
  Dim rows;
  if (const Dims* x = ctx.input_shape(0)) rows = x->size() == 1 ? Dim(1) : x->empty() ? Dim() : (*x)[0];
  ctx.set_output_type(0, Type::TensorOf(DType::kFloat, Dims{rows, Dim(total)}));
  return OkStatus();
}

Status RunFeatureVectorizer(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const int64_t total, TotalWidth(ctx));
  const std::span<const int64_t> widths = ctx.attributes().Ints("inputdimensions");
  std::vector<const Tensor*> parts;
  int64_t rows = 0;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, i));
    if (x->rank() == 0 || x->dtype() == DType::kString)
      return BadInput("FeatureVectorizer needs rows of numbers, got ", NameOf(x->dtype()), x->shape().ToString(), " as input ", i);
    const int64_t n = x->rank() == 1 ? 1 : x->dim(0);
    if (i > 0 && n != rows) return BadInput("FeatureVectorizer: input ", i, " has ", n, " rows, the first has ", rows);
    rows = n;
    parts.push_back(x);
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kFloat, (Shape{rows, total}));
  std::fill_n(out->mutable_data<float>(), out->size(), 0.0f);
  int64_t at = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Tensor& x = *parts[i];
    const std::vector<double> values = LoadAll<double>(x);
    const int64_t stride = rows == 0 ? 0 : x.size() / rows;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t k = 0; k < std::min(stride, widths[i]); ++k) {
        out->mutable_data<float>()[r * total + at + k] = static_cast<float>(values[static_cast<size_t>(r * stride + k)]);
      }
    }
    at += widths[i];
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_FeatureVectorizer = {.infer = InferFeatureVectorizer, .run = RunFeatureVectorizer};

}  // namespace samoyed
