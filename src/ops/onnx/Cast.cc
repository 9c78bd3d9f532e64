// Cast: the same values in another element type. https://onnx.ai/onnx/operators/onnx__Cast.html
#include "ops/common/cast.h"

#include <algorithm>
#include <string>

#include "ops/common/args.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// Version 1 names the type ("FLOAT"), later ones number it.
Result<DType> TargetOf(const NodeContext& ctx) {
  if (ctx.since_version() >= 6) return ops::DTypeAttribute(ctx, "to", DType::kUndefined);
  std::string name(ctx.attributes().String("to"));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto dtype = DTypeFromName(name);
  if (!dtype) return BadInput("Cast: '", ctx.attributes().String("to"), "' is not an element type");
  return *dtype;
}

Status RunCast(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType to, TargetOf(ctx));
  return ops::RunCastTo(ctx, to);
}

Status InferCast(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType to, TargetOf(ctx));
  const Dims* shape = ctx.input_shape(0);
  ctx.set_output_type(0, shape != nullptr ? Type::TensorOf(to, *shape) : Type::TensorOf(to));
  if (to == DType::kInt64 || to == DType::kInt32) ops::PropagateContent(ctx);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Cast = {.infer = InferCast, .run = RunCast, .facts = {.elementwise = true}};

}  // namespace samoyed
