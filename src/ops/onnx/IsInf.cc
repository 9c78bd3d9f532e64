// IsInf: whether x is infinite, on the sides that are asked for. https://onnx.ai/onnx/operators/onnx__IsInf.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunIsInf(KernelContext& ctx) {
  const bool negative = ctx.attributes().Int("detect_negative", 1) != 0, positive = ctx.attributes().Int("detect_positive", 1) != 0;
  return ops::RunFloatTest(ctx, [&](double x) { return std::isinf(x) && (x < 0 ? negative : positive); });
}

}  // namespace

extern const OpDef kOp_onnx_IsInf = {
    .infer = ops::InferTest,
    .run = RunIsInf,
    .facts = {.elementwise = true},
};

}  // namespace samoyed
