// Sign: 1, 0 or -1. https://onnx.ai/onnx/operators/onnx__Sign.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSign(KernelContext& ctx) {
  return ops::RunUnary(ctx, {.on_float = [](double x, const Attributes&) { return x > 0 ? 1 : x < 0 ? -1 : x; },
                              .on_signed = [](int64_t x, const Attributes&) { return int64_t{x > 0} - int64_t{x < 0}; },
                              .on_unsigned = [](uint64_t x, const Attributes&) { return uint64_t{x > 0}; }});
}

}  // namespace

extern const OpDef kOp_onnx_Sign = {
    .infer = ops::InferSameAsInput,
    .run = RunSign,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
