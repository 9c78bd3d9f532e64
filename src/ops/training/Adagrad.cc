// Adagrad: steps scaled by the root of all squared gradients so far (Duchi et al., JMLR 12, 2011).
// https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Adagrad.html
#include <cmath>

#include "ops/op.h"
#include "ops/training/optimizer.h"

namespace samoyed {
namespace {

Status RunAdagrad(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  const double rate_decay = a.Float("decay_factor", 0), decay = a.Float("norm_coefficient", 0), epsilon = a.Float("epsilon", 1e-6f);
  return ops::RunOptimizer(ctx, 1, [&](double rate, int64_t t, ops::OptimizerElement& e) {
    const double gradient = decay * e.x + e.gradient;
    e.state[0] += gradient * gradient;
    e.x -= rate / (1 + static_cast<double>(t) * rate_decay) * gradient / (std::sqrt(e.state[0]) + epsilon);
  });
}

Status InferAdagrad(InferContext& ctx) { return ops::InferOptimizer(ctx, 1); }

}  // namespace

extern const OpDef kOp_training_Adagrad = {.infer = InferAdagrad, .run = RunAdagrad};

}  // namespace samoyed
