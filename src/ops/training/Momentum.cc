// Momentum: stochastic gradient descent with momentum, standard or Nesterov's.
// https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Momentum.html
#include "ops/op.h"
#include "ops/training/optimizer.h"

namespace samoyed {
namespace {

Status RunMomentum(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  const double alpha = a.Float("alpha"), beta = a.Float("beta"), decay = a.Float("norm_coefficient");
  const std::string_view mode = a.String("mode");
  if (mode != "standard" && mode != "nesterov") return BadInput("Momentum: mode is ", Quote(mode), ", known are standard, nesterov");
  return ops::RunOptimizer(ctx, 1, [&](double rate, int64_t t, ops::OptimizerElement& e) {
    const double gradient = decay * e.x + e.gradient;
    e.state[0] = alpha * e.state[0] + (t > 0 ? beta : 1) * gradient;
    e.x -= rate * (mode == "nesterov" ? gradient + alpha * e.state[0] : e.state[0]);
  });
}

Status InferMomentum(InferContext& ctx) { return ops::InferOptimizer(ctx, 1); }

}  // namespace

extern const OpDef kOp_training_Momentum = {.infer = InferMomentum, .run = RunMomentum};

}  // namespace samoyed
