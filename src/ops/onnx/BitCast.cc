// BitCast: the same bits as another element type of the same width. https://onnx.ai/onnx/operators/onnx__BitCast.html
#include "ops/common/args.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Result<DType> TargetOf(const NodeContext& ctx, DType from) {
  SAMOYED_ASSIGN_OR_RETURN(const DType to, ops::DTypeAttribute(ctx, "to", DType::kUndefined));
  if (from == DType::kString || BitWidth(from) != BitWidth(to)) {
    return BadInput("BitCast from ", NameOf(from), " to ", NameOf(to), ": the widths differ");
  }
  return to;
}

Status RunBitCast(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const DType to, TargetOf(ctx, in->dtype()));
  ctx.set_output(0, in->Reinterpreted(to));
  return OkStatus();
}

Status InferBitCast(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  Type out = *in;
  SAMOYED_ASSIGN_OR_RETURN(out.dtype, TargetOf(ctx, in->dtype));
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_BitCast = {.infer = InferBitCast, .run = RunBitCast, .facts = {.view = true}};

}  // namespace samoyed
