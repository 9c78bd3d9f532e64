// Mean: the arithmetic mean of all inputs, with broadcasting. https://onnx.ai/onnx/operators/onnx__Mean.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunMean(KernelContext& ctx) {
  return ops::RunVariadic(ctx, {.on_float = [](double x, double y) { return x + y; }}, /*mean=*/true);
}

}  // namespace

extern const OpDef kOp_onnx_Mean = {
    .infer = ops::InferBroadcast,
    .run = RunMean,
    .facts = {.elementwise = true, .commutative = true, .in_place = true},
};

}  // namespace samoyed
