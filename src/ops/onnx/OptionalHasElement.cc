// OptionalHasElement: false for an empty optional or no input at all. https://onnx.ai/onnx/operators/onnx__OptionalHasElement.html
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunOptionalHasElement(KernelContext& ctx) {
  const Value* in = ctx.input_value(0);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kBool, Shape());
  out->mutable_data<bool>()[0] = in != nullptr && !in->is_none();
  return OkStatus();
}

Status InferOptionalHasElement(InferContext& ctx) {
  ctx.set_output_type(0, Type::TensorOf(DType::kBool, Dims()));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_OptionalHasElement = {.infer = InferOptionalHasElement, .run = RunOptionalHasElement};

}  // namespace samoyed
