// ReduceToShape: X summed over the axes along which `like` was broadcast to X's shape; the result has the shape of `like`. What the
// gradients of broadcasting operators need (graph/gradient.h); an operator of this project.
#include "ops/common/elementwise.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunReduceToShape(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* like, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Shape both, BroadcastShapes(x->shape(), like->shape()));
  if (both != x->shape() || !IsFloat(x->dtype())) {
    return BadInput("ReduceToShape: ", like->shape().ToString(), " does not broadcast to ", NameOf(x->dtype()), x->shape().ToString());
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x->dtype(), like->shape());
  const std::vector<double> values = LoadAll<double>(*x);
  std::vector<double> sums(static_cast<size_t>(out->size()));
  if (!values.empty()) {
    const Shape strides = ops::BroadcastStrides(like->shape(), x->shape());
    const int64_t n = x->rank() == 0 ? 1 : x->shape().back(), step = x->rank() == 0 ? 0 : strides.back();
    ops::ForEachRow(x->shape(), {&strides, 1}, [&](int64_t from, std::span<const int64_t> to) {
      for (int64_t i = 0; i < n; ++i) sums[static_cast<size_t>(to[0] + i * step)] += values[static_cast<size_t>(from + i)];
    });
  }
  StoreAll(*out, sums);
  return OkStatus();
}

Status InferReduceToShape(InferContext& ctx) {
  Type out = Type::TensorOf(ctx.input_dtype(0));
  if (const Dims* like = ctx.input_shape(1)) out.shape = *like;
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

constexpr SchemaParam kInputs[] = {ops::Param("X", "T"), ops::Param("like", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T")};
constexpr OpSchema kSchemas[] = {ops::ForeignSchema("ai.samoyed", "ReduceToShape", kInputs, kOutputs, {}, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_samoyed_ReduceToShape = {.infer = InferReduceToShape, .run = RunReduceToShape, .schemas = kSchemas};

}  // namespace samoyed
