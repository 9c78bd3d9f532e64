// Asinh: asinh(x). https://onnx.ai/onnx/operators/onnx__Asinh.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAsinh(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::asinh(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Asinh = {
    .infer = ops::InferSameAsInput,
    .run = RunAsinh,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
