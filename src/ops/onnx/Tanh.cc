// Tanh: tanh(x). https://onnx.ai/onnx/operators/onnx__Tanh.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunTanh(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::tanh(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Tanh = {
    .infer = ops::InferSameAsInput,
    .run = RunTanh,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kTanh},
};

}  // namespace samoyed
