// RandomNormalLike: numbers of the normal distribution, in input 0's shape. https://onnx.ai/onnx/operators/onnx__RandomNormalLike.html
#include "ops/common/random.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunRandomNormalLike(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::RandomDType(ctx, in->dtype()));
  const Shape& shape = in->shape();
  const ops::Random random = ops::Random::Of(ctx);
  const double mean = ctx.attributes().Float("mean", 0), scale = ctx.attributes().Float("scale", 1);
  return ops::FillRandom(ctx, dtype, shape, [&](int64_t i) { return mean + scale * random.Normal(static_cast<uint64_t>(i)); });
}

}  // namespace

extern const OpDef kOp_onnx_RandomNormalLike = {
    .infer = ops::InferRandomLike, .run = RunRandomNormalLike, .facts = {.deterministic = false}};

}  // namespace samoyed
