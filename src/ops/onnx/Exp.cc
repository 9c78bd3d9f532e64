// Exp: e to the power of x. https://onnx.ai/onnx/operators/onnx__Exp.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunExp(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::exp(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Exp = {
    .infer = ops::InferSameAsInput,
    .run = RunExp,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
