// CumProd: running products along an axis. https://onnx.ai/onnx/operators/onnx__CumProd.html
#include "ops/common/cumulate.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunCumProd(KernelContext& ctx) {
  return ops::RunCumulate(
      ctx, 1, [](double a, double b) { return a * b; }, [](uint64_t a, uint64_t b) { return a * b; });
}

}  // namespace

extern const OpDef kOp_onnx_CumProd = {.infer = ops::InferSameAsInput, .run = RunCumProd};

}  // namespace samoyed
