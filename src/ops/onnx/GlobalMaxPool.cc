// GlobalMaxPool: the largest element over all spatial axes. https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html
#include <cmath>
#include <limits>

#include "ops/common/pooling.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunGlobalMaxPool(KernelContext& ctx) {
  return ops::RunGlobalPool(ctx, [](const std::vector<double>& x) {
    double best = -std::numeric_limits<double>::infinity();
    for (double v : x) best = v > best || std::isnan(v) ? v : best;
    return best;
  });
}

}  // namespace

extern const OpDef kOp_onnx_GlobalMaxPool = {.infer = ops::InferGlobalPool, .run = RunGlobalMaxPool, .flops = ops::GlobalPoolFlops};

}  // namespace samoyed
