// RandomUniformLike: numbers between low and high, in input 0's shape. https://onnx.ai/onnx/operators/onnx__RandomUniformLike.html
#include "ops/common/random.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunRandomUniformLike(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::RandomDType(ctx, in->dtype()));
  const Shape& shape = in->shape();
  const ops::Random random = ops::Random::Of(ctx);
  const double low = ctx.attributes().Float("low", 0), high = ctx.attributes().Float("high", 1);
  return ops::FillRandom(ctx, dtype, shape, [&](int64_t i) { return low + (high - low) * random.Uniform(static_cast<uint64_t>(i)); });
}

}  // namespace

extern const OpDef kOp_onnx_RandomUniformLike = {
    .infer = ops::InferRandomLike, .run = RunRandomUniformLike, .facts = {.deterministic = false}};

}  // namespace samoyed
