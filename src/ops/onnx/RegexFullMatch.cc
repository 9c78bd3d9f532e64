// RegexFullMatch: does each string match a pattern as a whole? https://onnx.ai/onnx/operators/onnx__RegexFullMatch.html
#include "ops/common/regex.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunRegexFullMatch(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (in->dtype() != DType::kString) return BadInput("RegexFullMatch needs strings, not ", NameOf(in->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Regex regex, ops::Regex::Parse(ctx.attributes().String("pattern")));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kBool, in->shape());
  for (int64_t i = 0; i < in->size(); ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    out->mutable_data<bool>()[i] = regex.FullMatch(in->strings()[static_cast<size_t>(i)]);
  }
  return OkStatus();
}

Status InferRegexFullMatch(InferContext& ctx) {
  const Dims* shape = ctx.input_shape(0);
  ctx.set_output_type(0, shape != nullptr ? Type::TensorOf(DType::kBool, *shape) : Type::TensorOf(DType::kBool));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_RegexFullMatch = {.infer = InferRegexFullMatch, .run = RunRegexFullMatch};

}  // namespace samoyed
