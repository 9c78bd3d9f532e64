// GlobalAveragePool: the mean over all spatial axes. https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html
#include <numeric>

#include "ops/common/pooling.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunGlobalAveragePool(KernelContext& ctx) {
  return ops::RunGlobalPool(ctx, [](const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); });
}

}  // namespace

extern const OpDef kOp_onnx_GlobalAveragePool = {.infer = ops::InferGlobalPool, .run = RunGlobalAveragePool, .flops = ops::GlobalPoolFlops};

}  // namespace samoyed
