// Sinh: sinh(x). https://onnx.ai/onnx/operators/onnx__Sinh.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSinh(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::sinh(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Sinh = {
    .infer = ops::InferSameAsInput,
    .run = RunSinh,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
