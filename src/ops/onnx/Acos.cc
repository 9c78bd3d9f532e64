// Acos: acos(x), angles in radians. https://onnx.ai/onnx/operators/onnx__Acos.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAcos(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::acos(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Acos = {
    .infer = ops::InferSameAsInput,
    .run = RunAcos,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
