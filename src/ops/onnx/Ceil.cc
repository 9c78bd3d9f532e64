// Ceil: the smallest integer that is not below x. https://onnx.ai/onnx/operators/onnx__Ceil.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunCeil(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::ceil(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Ceil = {
    .infer = ops::InferSameAsInput,
    .run = RunCeil,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
