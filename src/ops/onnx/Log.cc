// Log: the natural logarithm. https://onnx.ai/onnx/operators/onnx__Log.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunLog(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::log(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Log = {
    .infer = ops::InferSameAsInput,
    .run = RunLog,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
