// Tile: the input repeated along its axes. https://onnx.ai/onnx/operators/onnx__Tile.html
// Version 1 repeats along one axis, with `tiles` and `axis` as tensors of the data's own type; since 6 `repeats` has a number an axis.
#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Result<ops::Ints> RepeatsOf(const KernelContext& ctx, int rank) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* repeats, RequireInput(ctx, 1));
  if (ctx.since_version() >= 6) return ops::ReadInts(*repeats, "Tile: repeats");
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* axis_tensor, RequireInput(ctx, 2));
  if (repeats->size() != 1 || axis_tensor->size() != 1) return BadInput("Tile: tiles and axis must be single numbers");
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(At<int64_t>(*axis_tensor), rank));
  ops::Ints out(static_cast<size_t>(rank), 1);
  out[static_cast<size_t>(axis)] = At<int64_t>(*repeats);
  return out;
}

Status RunTile(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints repeats, RepeatsOf(ctx, in->rank()));
  if (static_cast<int64_t>(repeats.size()) != in->rank()) {
    return BadInput("Tile: ", repeats.size(), " repeats for a tensor of shape ", in->shape().ToString());
  }
  // The output as a walk over [repeat 0, dim 0, repeat 1, dim 1, ...] of the input, with stride 0 for the repeats.
  const Shape in_strides = RowMajorStrides(in->shape());
  Shape shape, walk, strides;
  for (int i = 0; i < in->rank(); ++i) {
    const int64_t repeat = repeats[static_cast<size_t>(i)];
    if (repeat < 0) return BadInput("Tile: ", repeat, " repeats of axis ", i);
    const auto size = CheckedMul(repeat, in->dim(i));
    if (!size) return LimitExceeded("Tile: ", repeat, " repeats of axis ", i, " of shape ", in->shape().ToString());
    shape.push_back(*size);
    walk.push_back(repeat);
    walk.push_back(in->dim(i));
    strides.push_back(0);
    strides.push_back(in_strides[i]);
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  if (out->size() > 0) ops::GatherStrided(*in, 0, strides, walk, *out);
  return OkStatus();
}

Status InferTile(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  if (!in->shape) {
    ctx.set_output_type(0, Type::TensorOf(in->dtype));
    return OkStatus();
  }
  Dims dims = ops::UnknownDims(in->rank());
  const ops::KnownInts repeats = ctx.since_version() >= 6 ? ops::InferInts(ctx, "", 1) : ops::KnownInts();
  if (repeats.values) {
    if (repeats.values->size() != dims.size())
      return BadInput("Tile: ", repeats.values->size(), " repeats for a tensor of rank ", dims.size());
    for (size_t i = 0; i < dims.size(); ++i) {
      const Dim& d = (*in->shape)[i];
      const int64_t repeat = (*repeats.values)[i];
      if (repeat < 0) return BadInput("Tile: ", repeat, " repeats of axis ", i);
      if (repeat == 1) dims[i] = d;
      const auto size = d.known() ? CheckedMul(d.value, repeat) : std::nullopt;
      if (size) dims[i] = Dim(*size);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Tile = {.infer = InferTile, .run = RunTile};

}  // namespace samoyed
