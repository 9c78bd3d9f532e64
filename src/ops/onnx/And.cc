// And: of booleans, with broadcasting. https://onnx.ai/onnx/operators/onnx__And.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAnd(KernelContext& ctx) {
  return ops::RunBinary(ctx, {.on_bool = [](bool x, bool y) { return x && y; }});
}

}  // namespace

extern const OpDef kOp_onnx_And = {
    .infer = ops::InferBinary,
    .run = RunAnd,
    .facts = {.elementwise = true, .commutative = true, .in_place = true},
};

}  // namespace samoyed
