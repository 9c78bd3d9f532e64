// SequenceEmpty: a sequence without elements. https://onnx.ai/onnx/operators/onnx__SequenceEmpty.html
#include "ops/common/args.h"
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSequenceEmpty(KernelContext& ctx) {
  ops::SetSequence(ctx, {});
  return OkStatus();
}

Status InferSequenceEmpty(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, ops::DTypeAttribute(ctx, "dtype", DType::kFloat));
  ctx.set_output_type(0, Type::SequenceOf(Type::TensorOf(dtype)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SequenceEmpty = {.infer = InferSequenceEmpty, .run = RunSequenceEmpty};

}  // namespace samoyed
