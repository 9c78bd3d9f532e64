// Adam: steps by running means of the gradient and its square (Kingma and Ba, https://arxiv.org/abs/1412.6980).
// https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Adam.html
#include <cmath>

#include "ops/op.h"
#include "ops/training/optimizer.h"

namespace samoyed {
namespace {

Status RunAdam(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  const double alpha = a.Float("alpha", 0.9f), beta = a.Float("beta", 0.999f), epsilon = a.Float("epsilon", 1e-6f);
  const double decay = a.Float("norm_coefficient", 0), decay_after = a.Float("norm_coefficient_post", 0);
  return ops::RunOptimizer(ctx, 2, [&](double rate, int64_t t, ops::OptimizerElement& e) {
    const double gradient = decay * e.x + e.gradient;
    e.state[0] = alpha * e.state[0] + (1 - alpha) * gradient;
    e.state[1] = beta * e.state[1] + (1 - beta) * gradient * gradient;
    const auto steps = static_cast<double>(t);
    const double corrected = t > 0 ? rate * std::sqrt(1 - std::pow(beta, steps)) / (1 - std::pow(alpha, steps)) : rate;
    e.x = (1 - decay_after) * (e.x - corrected * e.state[0] / (std::sqrt(e.state[1]) + epsilon));
  });
}

Status InferAdam(InferContext& ctx) { return ops::InferOptimizer(ctx, 2); }

}  // namespace

extern const OpDef kOp_training_Adam = {.infer = InferAdam, .run = RunAdam};

}  // namespace samoyed
