// Hardmax: 1 at the first largest element along an axis, 0 elsewhere. https://onnx.ai/onnx/operators/onnx__Hardmax.html
#include "ops/common/softmax.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunHardmax(KernelContext& ctx) {
  return ops::RunAlongAxis(ctx, [](const ops::AxisLine& line) {
    const auto [x, n, step, dtype] = line;
    int64_t best = 0;
    for (int64_t i = 1; i < n; ++i) best = x[i * step] > x[best * step] ? i : best;
    for (int64_t i = 0; i < n; ++i) x[i * step] = i == best ? 1 : 0;
  });
}

}  // namespace

extern const OpDef kOp_onnx_Hardmax = {.infer = ops::InferAlongAxis, .run = RunHardmax, .facts = {.in_place = true}};

}  // namespace samoyed
