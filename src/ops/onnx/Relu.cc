// Relu: y = max(x, 0). https://onnx.ai/onnx/operators/onnx__Relu.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunRelu(KernelContext& ctx) {
  return ops::RunUnary(ctx, {.on_float = [](double x, const Attributes&) { return x < 0 ? 0 : x; },  // NaN stays NaN
                             .on_signed = [](int64_t x, const Attributes&) { return x < 0 ? 0 : x; }});
}

}  // namespace

extern const OpDef kOp_onnx_Relu = {
    .infer = ops::InferSameAsInput,
    .run = RunRelu,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kRelu},
};

}  // namespace samoyed
