// BitwiseOr: bit by bit, with broadcasting. https://onnx.ai/onnx/operators/onnx__BitwiseOr.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunBitwiseOr(KernelContext& ctx) {
  return ops::RunBinary(ctx, {.on_signed = [](int64_t x, int64_t y) { return x | y; },
                              .on_unsigned = [](uint64_t x, uint64_t y) { return x | y; }});
}

}  // namespace

extern const OpDef kOp_onnx_BitwiseOr = {
    .infer = ops::InferBinary,
    .run = RunBitwiseOr,
    .facts = {.elementwise = true, .commutative = true, .in_place = true},
};

}  // namespace samoyed
