// Softplus: y = ln(1 + exp(x)). https://onnx.ai/onnx/operators/onnx__Softplus.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSoftplus(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::isnan(x) ? x : std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); });
}

}  // namespace

extern const OpDef kOp_onnx_Softplus = {
    .infer = ops::InferSameAsInput,
    .run = RunSoftplus,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kSoftplus},
};

}  // namespace samoyed
