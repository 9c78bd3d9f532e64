// ExpandDims: an axis of size 1 before axis `axis` (from the end of the result when negative). com.microsoft, ONNX Runtime's
// ContribOperators.
#include "ops/common/args.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferExpandDims(InferContext& ctx) {
  Type out = Type::TensorOf(ctx.input_dtype(0));
  if (const Dims* x = ctx.input_shape(0)) {
    const int rank = static_cast<int>(x->size()) + 1;
    out.shape = ops::UnknownDims(rank);
    if (const std::optional<int64_t> axis = ops::InferInt(ctx, 1)) {
      SAMOYED_ASSIGN_OR_RETURN(const int at, NormalizeAxis(*axis, rank));
      out.shape = *x;
      out.shape->insert(out.shape->begin() + at, Dim(1));
    }
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

Status RunExpandDims(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* axis, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t where, ops::ReadInt(*axis, "axis"));
  SAMOYED_ASSIGN_OR_RETURN(const int at, NormalizeAxis(where, x->rank() + 1));
  std::vector<int64_t> dims(x->shape().begin(), x->shape().end());
  dims.insert(dims.begin() + at, 1);
  ctx.set_output(0, x->Reshaped(Shape(dims)));
  return OkStatus();
}

constexpr SchemaParam kInputs[] = {ops::Param("X", "T"), ops::Param("axis", "tensor(int32)")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("ExpandDims", kInputs, kOutputs, {}, ops::kAnyT)};

}  // namespace

extern const OpDef kOp_microsoft_ExpandDims = {
    .infer = InferExpandDims, .run = RunExpandDims, .facts = {.view = true}, .schemas = kSchemas};

}  // namespace samoyed
