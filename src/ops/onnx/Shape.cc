// Shape: the dimensions [start, end) of the input as a list. https://onnx.ai/onnx/operators/onnx__Shape.html
#include <algorithm>

#include "ops/common/args.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// start and end (since version 15) count from the back when negative, and are clamped to the rank.
int Clamped(int64_t axis, int rank) { return static_cast<int>(std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank)); }

struct Range {
  int begin, end;
};
Range RangeOf(const NodeContext& ctx, int rank) {
  const int begin = Clamped(ctx.attributes().Int("start", 0), rank);
  const int end = Clamped(ctx.attributes().Int("end", rank), rank);
  return {begin, std::max(begin, end)};
}

Status RunShape(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  const Range range = RangeOf(ctx, in->rank());
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kInt64, Shape({range.end - range.begin}));
  std::copy(in->shape().begin() + range.begin, in->shape().begin() + range.end, out->mutable_data<int64_t>());
  return OkStatus();
}

Status InferShape(InferContext& ctx) {
  const Dims* shape = ctx.input_shape(0);
  if (shape == nullptr) {
    ctx.set_output_type(0, Type::TensorOf(DType::kInt64, ops::UnknownDims(1)));
    return OkStatus();
  }
  const Range range = RangeOf(ctx, static_cast<int>(shape->size()));
  ctx.set_output_type(0, Type::TensorOf(DType::kInt64, Dims{Dim(range.end - range.begin)}));
  ctx.set_output_dims(0, Dims(shape->begin() + range.begin, shape->begin() + range.end));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Shape = {.infer = InferShape, .run = RunShape, .facts = {.shape_only = true}};

}  // namespace samoyed
