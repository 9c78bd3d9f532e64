// Sum: of all inputs, with broadcasting. https://onnx.ai/onnx/operators/onnx__Sum.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSum(KernelContext& ctx) {
  return ops::RunVariadic(ctx, {.on_float = [](double x, double y) { return x + y; }});
}

}  // namespace

extern const OpDef kOp_onnx_Sum = {
    .infer = ops::InferBroadcast,
    .run = RunSum,
    .facts = {.elementwise = true, .commutative = true, .in_place = true},
};

}  // namespace samoyed
