// Floor: the largest integer that is not above x. https://onnx.ai/onnx/operators/onnx__Floor.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunFloor(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::floor(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Floor = {
    .infer = ops::InferSameAsInput,
    .run = RunFloor,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
