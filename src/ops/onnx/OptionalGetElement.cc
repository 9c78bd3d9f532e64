// OptionalGetElement: what an optional holds; tensors and sequences pass as they are.
// https://onnx.ai/onnx/operators/onnx__OptionalGetElement.html
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunOptionalGetElement(KernelContext& ctx) {
  const Value* in = ctx.input_value(0);
  if (in == nullptr || in->is_none()) return BadInput("OptionalGetElement of an empty optional");
  ctx.set_output(0, *in);
  return OkStatus();
}

Status InferOptionalGetElement(InferContext& ctx) {
  const Type* in = ctx.input_type(0);
  if (in != nullptr) ctx.set_output_type(0, in->kind == TypeKind::kOptional ? *in->element : *in);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_OptionalGetElement = {.infer = InferOptionalGetElement, .run = RunOptionalGetElement};

}  // namespace samoyed
