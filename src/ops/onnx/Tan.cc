// Tan: tan(x), angles in radians. https://onnx.ai/onnx/operators/onnx__Tan.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunTan(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::tan(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Tan = {
    .infer = ops::InferSameAsInput,
    .run = RunTan,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
