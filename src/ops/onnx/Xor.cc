// Xor: of booleans, with broadcasting. https://onnx.ai/onnx/operators/onnx__Xor.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunXor(KernelContext& ctx) {
  return ops::RunBinary(ctx, {.on_bool = [](bool x, bool y) { return x != y; }});
}

}  // namespace

extern const OpDef kOp_onnx_Xor = {
    .infer = ops::InferBinary,
    .run = RunXor,
    .facts = {.elementwise = true, .commutative = true, .in_place = true},
};

}  // namespace samoyed
