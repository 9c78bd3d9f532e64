// CumSum: running sums along an axis. https://onnx.ai/onnx/operators/onnx__CumSum.html
#include "ops/common/cumulate.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunCumSum(KernelContext& ctx) {
  return ops::RunCumulate(
      ctx, 0, [](double a, double b) { return a + b; }, [](uint64_t a, uint64_t b) { return a + b; });
}

}  // namespace

extern const OpDef kOp_onnx_CumSum = {.infer = ops::InferSameAsInput, .run = RunCumSum};

}  // namespace samoyed
