// Asin: asin(x), angles in radians. https://onnx.ai/onnx/operators/onnx__Asin.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAsin(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::asin(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Asin = {
    .infer = ops::InferSameAsInput,
    .run = RunAsin,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
