// HardSwish: y = x * max(0, min(1, x / 6 + 1/2)). https://onnx.ai/onnx/operators/onnx__HardSwish.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunHardSwish(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::isnan(x) ? x : x * std::fmax(0, std::fmin(1, x / 6 + 0.5)); });
}

}  // namespace

extern const OpDef kOp_onnx_HardSwish = {
    .infer = ops::InferSameAsInput,
    .run = RunHardSwish,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kHardSwish},
};

}  // namespace samoyed
