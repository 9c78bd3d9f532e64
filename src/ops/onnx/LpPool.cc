// LpPool: the p-norm over a window; padding counts as 0. p is a float in version 1, an integer from 2 on.
// https://onnx.ai/onnx/operators/onnx__LpPool.html
#include <cmath>

#include "ops/common/pooling.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunLpPool(KernelContext& ctx) {
  const Attributes& attributes = ctx.attributes();
  const double p = ctx.since_version() == 1 ? static_cast<double>(attributes.Float("p", 2)) : static_cast<double>(attributes.Int("p", 2));
  return ops::RunPool(ctx, [&](ops::WindowRows& rows, const std::vector<double>& x, std::vector<double>& y) {
    for (int64_t o = 0; o < rows.out_size(); ++o) {
      double sum = 0;
      rows.ForOutput(o, [&](int64_t start, int64_t step, int64_t n) {
        for (int64_t i = 0; i < n; ++i) sum += std::pow(std::fabs(x[static_cast<size_t>(start + i * step)]), p);
      });
      y[static_cast<size_t>(o)] = std::pow(sum, 1 / p);
    }
  });
}

}  // namespace

extern const OpDef kOp_onnx_LpPool = {.infer = ops::InferPool, .run = RunLpPool, .flops = ops::PoolFlops};

}  // namespace samoyed
