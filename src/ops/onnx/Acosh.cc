// Acosh: acosh(x). https://onnx.ai/onnx/operators/onnx__Acosh.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAcosh(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::acosh(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Acosh = {
    .infer = ops::InferSameAsInput,
    .run = RunAcosh,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
