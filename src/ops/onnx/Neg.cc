// Neg: -x; integers wrap around. https://onnx.ai/onnx/operators/onnx__Neg.html
#include "base/checked.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunNeg(KernelContext& ctx) {
  return ops::RunUnary(ctx, {.on_float = [](double x, const Attributes&) { return -x; },
                              .on_signed = [](int64_t x, const Attributes&) { return WrapSub<int64_t>(0, x); }});
}

}  // namespace

extern const OpDef kOp_onnx_Neg = {
    .infer = ops::InferSameAsInput,
    .run = RunNeg,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
