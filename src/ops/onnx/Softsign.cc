// Softsign: y = x / (1 + |x|). https://onnx.ai/onnx/operators/onnx__Softsign.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSoftsign(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return x / (1 + std::fabs(x)); });
}

}  // namespace

extern const OpDef kOp_onnx_Softsign = {
    .infer = ops::InferSameAsInput,
    .run = RunSoftsign,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
