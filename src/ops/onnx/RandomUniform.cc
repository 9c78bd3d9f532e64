// RandomUniform: numbers between low and high. https://onnx.ai/onnx/operators/onnx__RandomUniform.html
#include "ops/common/random.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunRandomUniform(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::RandomDType(ctx, DType::kFloat));
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, ops::RandomShape(ctx));
  const ops::Random random = ops::Random::Of(ctx);
  const double low = ctx.attributes().Float("low", 0), high = ctx.attributes().Float("high", 1);
  return ops::FillRandom(ctx, dtype, shape, [&](int64_t i) { return low + (high - low) * random.Uniform(static_cast<uint64_t>(i)); });
}

}  // namespace

extern const OpDef kOp_onnx_RandomUniform = {.infer = ops::InferRandom, .run = RunRandomUniform, .facts = {.deterministic = false}};

}  // namespace samoyed
