// AveragePool: the mean over a window; padding counts where count_include_pad says so.
// https://onnx.ai/onnx/operators/onnx__AveragePool.html
#include "ops/common/pooling.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAveragePool(KernelContext& ctx) {
  const bool count_padding = ctx.attributes().Int("count_include_pad", 0) != 0;
  return ops::RunPool(ctx, [&](ops::WindowRows& rows, const std::vector<double>& x, std::vector<double>& y) {
    for (int64_t o = 0; o < rows.out_size(); ++o) {
      double sum = 0;
      int64_t count = 0;
      rows.ForOutput(o, [&](int64_t start, int64_t step, int64_t n) {
        for (int64_t i = 0; i < n; ++i) sum += x[static_cast<size_t>(start + i * step)];
        count += n;
      });
      y[static_cast<size_t>(o)] = sum / static_cast<double>(count_padding ? rows.CountPadded(o) : count);
    }
  });
}

}  // namespace

extern const OpDef kOp_onnx_AveragePool = {.infer = ops::InferPool, .run = RunAveragePool, .flops = ops::PoolFlops};

}  // namespace samoyed
