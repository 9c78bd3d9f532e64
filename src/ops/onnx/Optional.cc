// Optional: its input as an optional value, or an empty one. https://onnx.ai/onnx/operators/onnx__Optional.html
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunOptional(KernelContext& ctx) {
  const Value* in = ctx.input_value(0);
  ctx.set_output(0, in == nullptr ? Value() : *in);
  return OkStatus();
}

Status InferOptional(InferContext& ctx) {
  if (const Type* in = ctx.input_type(0)) {
    ctx.set_output_type(0, Type::OptionalOf(*in));
  } else if (const Type* type = ctx.attributes().TypeOf("type"); type != nullptr && ctx.num_inputs() == 0) {
    ctx.set_output_type(0, Type::OptionalOf(*type));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Optional = {.infer = InferOptional, .run = RunOptional};

}  // namespace samoyed
