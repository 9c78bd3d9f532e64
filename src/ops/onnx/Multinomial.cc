// Multinomial: classes drawn with probabilities given as unnormalised logarithms, `sample_size` for each row.
// https://onnx.ai/onnx/operators/onnx__Multinomial.html
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/common/random.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The running sums of exp(x - max): a number drawn between 0 and the last one falls into its class's interval.
void RunningSums(std::vector<double>& row) {
  const double highest = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (double& x : row) {
    const double weight = std::exp(x - highest);
    sum += std::isnan(weight) ? 0 : weight;
    x = sum;
  }
}

Status RunMultinomial(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::DTypeAttribute(ctx, "dtype", DType::kInt32));
  const int64_t samples = ctx.attributes().Int("sample_size", 1);
  if (!IsFloat(in->dtype()) || in->rank() != 2 || in->dim(1) == 0)
    return BadInput("Multinomial: input ", NameOf(in->dtype()), in->shape().ToString(), ", needs [batch, classes]");
  if (dtype != DType::kInt32 && dtype != DType::kInt64)
    return BadInput("Multinomial: dtype ", NameOf(dtype), " is neither int32 nor int64");
  if (samples < 0) return BadInput("Multinomial: sample_size is ", samples);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, Shape({in->dim(0), samples}));
  const ops::Random random = ops::Random::Of(ctx);
  const int64_t classes = in->dim(1);
  std::vector<double> row(static_cast<size_t>(classes));
  for (int64_t b = 0; b < in->dim(0) && samples > 0; ++b) {
    Load(*in, b * classes, classes, row.data());
    RunningSums(row);
    for (int64_t s = 0; s < samples; ++s) {
      const double drawn = random.Uniform(static_cast<uint64_t>(b * samples + s)) * row.back();
      const int64_t picked = std::min<int64_t>(std::upper_bound(row.begin(), row.end(), drawn) - row.begin(), classes - 1);
      Store(*out, b * samples + s, 1, &picked);
    }
  }
  return OkStatus();
}

Status InferMultinomial(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::DTypeAttribute(ctx, "dtype", DType::kInt32));
  const Dims* shape = ctx.input_shape(0);
  if (shape != nullptr && shape->size() != 2) return BadInput("Multinomial needs a matrix, not a tensor of rank ", shape->size());
  const int64_t samples = ctx.attributes().Int("sample_size", 1);
  if (samples < 0) return BadInput("Multinomial: sample_size is ", samples);
  ctx.set_output_type(0, Type::TensorOf(dtype, Dims{shape != nullptr ? (*shape)[0] : Dim(), Dim(samples)}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Multinomial = {.infer = InferMultinomial, .run = RunMultinomial, .facts = {.deterministic = false}};

}  // namespace samoyed
