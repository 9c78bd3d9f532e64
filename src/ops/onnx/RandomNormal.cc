// RandomNormal: numbers of the normal distribution. https://onnx.ai/onnx/operators/onnx__RandomNormal.html
#include "ops/common/random.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunRandomNormal(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::RandomDType(ctx, DType::kFloat));
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, ops::RandomShape(ctx));
  const ops::Random random = ops::Random::Of(ctx);
  const double mean = ctx.attributes().Float("mean", 0), scale = ctx.attributes().Float("scale", 1);
  return ops::FillRandom(ctx, dtype, shape, [&](int64_t i) { return mean + scale * random.Normal(static_cast<uint64_t>(i)); });
}

}  // namespace

extern const OpDef kOp_onnx_RandomNormal = {.infer = ops::InferRandom, .run = RunRandomNormal, .facts = {.deterministic = false}};

}  // namespace samoyed
