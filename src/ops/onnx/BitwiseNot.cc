// BitwiseNot: all bits inverted. https://onnx.ai/onnx/operators/onnx__BitwiseNot.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunBitwiseNot(KernelContext& ctx) {
  return ops::RunUnary(ctx, {.on_signed = [](int64_t x, const Attributes&) { return ~x; },
                              .on_unsigned = [](uint64_t x, const Attributes&) { return ~x; }});
}

}  // namespace

extern const OpDef kOp_onnx_BitwiseNot = {
    .infer = ops::InferSameAsInput,
    .run = RunBitwiseNot,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
