// Reciprocal: 1 / x. https://onnx.ai/onnx/operators/onnx__Reciprocal.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunReciprocal(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return 1 / x; });
}

}  // namespace

extern const OpDef kOp_onnx_Reciprocal = {
    .infer = ops::InferSameAsInput,
    .run = RunReciprocal,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
