// Cos: cos(x), angles in radians. https://onnx.ai/onnx/operators/onnx__Cos.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunCos(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::cos(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Cos = {
    .infer = ops::InferSameAsInput,
    .run = RunCos,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
