// Bernoulli: 1 with the probability that the input gives, else 0. https://onnx.ai/onnx/operators/onnx__Bernoulli.html
#include "ops/common/random.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status RunBernoulli(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::RandomDType(ctx, in->dtype()));
  if (!IsFloat(in->dtype())) return BadInput("Bernoulli: probabilities of type ", NameOf(in->dtype()));
  const ops::Random random = ops::Random::Of(ctx);
  return ops::FillRandom(ctx, dtype, in->shape(),
                         [&](int64_t i) { return random.Uniform(static_cast<uint64_t>(i)) < At<double>(*in, i) ? 1.0 : 0.0; });
}

}  // namespace

extern const OpDef kOp_onnx_Bernoulli = {.infer = ops::InferRandomLike, .run = RunBernoulli, .facts = {.deterministic = false}};

}  // namespace samoyed
