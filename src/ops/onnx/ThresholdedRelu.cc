// ThresholdedRelu: y = x where x > alpha, 0 elsewhere. https://onnx.ai/onnx/operators/onnx__ThresholdedRelu.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunThresholdedRelu(KernelContext& ctx) {
  const double alpha = ctx.attributes().Float("alpha", 1);
  return ops::RunUnaryFloat(ctx, [&](double x) { return x > alpha || std::isnan(x) ? x : 0; });
}

}  // namespace

extern const OpDef kOp_onnx_ThresholdedRelu = {
    .infer = ops::InferSameAsInput,
    .run = RunThresholdedRelu,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
