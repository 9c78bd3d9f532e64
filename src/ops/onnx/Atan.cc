// Atan: atan(x), angles in radians. https://onnx.ai/onnx/operators/onnx__Atan.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAtan(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::atan(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Atan = {
    .infer = ops::InferSameAsInput,
    .run = RunAtan,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
