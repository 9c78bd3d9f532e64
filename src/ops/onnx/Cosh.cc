// Cosh: cosh(x). https://onnx.ai/onnx/operators/onnx__Cosh.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunCosh(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::cosh(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Cosh = {
    .infer = ops::InferSameAsInput,
    .run = RunCosh,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
