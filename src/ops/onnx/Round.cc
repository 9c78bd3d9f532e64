// Round: to the nearest integer, halves to the even one. https://onnx.ai/onnx/operators/onnx__Round.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunRound(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::nearbyint(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Round = {
    .infer = ops::InferSameAsInput,
    .run = RunRound,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
