// Sqrt: the square root; NaN below 0. https://onnx.ai/onnx/operators/onnx__Sqrt.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSqrt(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::sqrt(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Sqrt = {
    .infer = ops::InferSameAsInput,
    .run = RunSqrt,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
