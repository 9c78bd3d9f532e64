// Not: of booleans. https://onnx.ai/onnx/operators/onnx__Not.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunNot(KernelContext& ctx) {
  return ops::RunUnary(ctx, {.on_bool = [](bool x, const Attributes&) { return !x; }});
}

}  // namespace

extern const OpDef kOp_onnx_Not = {
    .infer = ops::InferSameAsInput,
    .run = RunNot,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
