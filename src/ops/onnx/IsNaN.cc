// IsNaN: whether x is not a number. https://onnx.ai/onnx/operators/onnx__IsNaN.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunIsNaN(KernelContext& ctx) {
  return ops::RunFloatTest(ctx, [](double x) { return std::isnan(x); });
}

}  // namespace

extern const OpDef kOp_onnx_IsNaN = {
    .infer = ops::InferTest,
    .run = RunIsNaN,
    .facts = {.elementwise = true},
};

}  // namespace samoyed
