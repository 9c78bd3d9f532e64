// Identity: any value, as it is. https://onnx.ai/onnx/operators/onnx__Identity.html
#include "ops/common/args.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunIdentity(KernelContext& ctx) {
  const Value* in = ctx.input_value(0);
  if (in == nullptr) return BadInput("Identity needs an input");
  ctx.set_output(0, *in);
  return OkStatus();
}

Status InferIdentity(InferContext& ctx) {
  ops::PropagateContent(ctx);
  return ops::InferSameAsInput(ctx);
}

}  // namespace

extern const OpDef kOp_onnx_Identity = {.infer = InferIdentity, .run = RunIdentity, .facts = {.view = true}};

}  // namespace samoyed
