// Sigmoid: y = 1 / (1 + exp(-x)). https://onnx.ai/onnx/operators/onnx__Sigmoid.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSigmoid(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return 1 / (1 + std::exp(-x)); });
}

}  // namespace

extern const OpDef kOp_onnx_Sigmoid = {
    .infer = ops::InferSameAsInput,
    .run = RunSigmoid,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kSigmoid},
};

}  // namespace samoyed
