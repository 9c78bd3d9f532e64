// Or: of booleans, with broadcasting. https://onnx.ai/onnx/operators/onnx__Or.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunOr(KernelContext& ctx) {
  return ops::RunBinary(ctx, {.on_bool = [](bool x, bool y) { return x || y; }});
}

}  // namespace

extern const OpDef kOp_onnx_Or = {
    .infer = ops::InferBinary,
    .run = RunOr,
    .facts = {.elementwise = true, .commutative = true, .in_place = true},
};

}  // namespace samoyed
