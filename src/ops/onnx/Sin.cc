// Sin: sin(x), angles in radians. https://onnx.ai/onnx/operators/onnx__Sin.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSin(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::sin(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Sin = {
    .infer = ops::InferSameAsInput,
    .run = RunSin,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
