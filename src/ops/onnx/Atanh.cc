// Atanh: atanh(x). https://onnx.ai/onnx/operators/onnx__Atanh.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAtanh(KernelContext& ctx) {
  return ops::RunUnaryFloat(ctx, [](double x) { return std::atanh(x); });
}

}  // namespace

extern const OpDef kOp_onnx_Atanh = {
    .infer = ops::InferSameAsInput,
    .run = RunAtanh,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
