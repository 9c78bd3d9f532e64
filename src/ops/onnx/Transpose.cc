// Transpose: axes in another order; reversed when perm is not given.
// https://onnx.ai/onnx/operators/onnx__Transpose.html
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Result<std::vector<int>> PermOf(const NodeContext& ctx, int rank) {
  std::vector<int> perm;
  if (!ctx.attributes().Has("perm")) {
    for (int i = rank - 1; i >= 0; --i) perm.push_back(i);
    return perm;
  }
  const auto given = ctx.attributes().Ints("perm");
  if (static_cast<int64_t>(given.size()) != rank) {
    return BadInput("Transpose: perm [", StrJoin(given, ","), "] does not fit a tensor of rank ", rank);
  }
  return ops::NormalizeAxes(given, rank);
}

Status RunTranspose(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> perm, PermOf(ctx, in->rank()));
  const Shape in_strides = RowMajorStrides(in->shape());
  Shape shape, strides;
  for (int axis : perm) {
    shape.push_back(in->dim(axis));
    strides.push_back(in_strides[axis]);
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  ops::GatherStrided(*in, 0, strides, shape, *out);
  return OkStatus();
}

Status InferTranspose(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  if (!in->shape) {
    const auto perm = ctx.attributes().Ints("perm");
    ctx.set_output_type(
        0, perm.empty() ? Type::TensorOf(in->dtype) : Type::TensorOf(in->dtype, ops::UnknownDims(static_cast<int>(perm.size()))));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> perm, PermOf(ctx, in->rank()));
  Dims dims;
  for (int axis : perm) dims.push_back((*in->shape)[static_cast<size_t>(axis)]);
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Transpose = {.infer = InferTranspose, .run = RunTranspose};

}  // namespace samoyed
