// Slice: every step-th element of [start, end) along some axes, as numpy's x[start:end:step].
// https://onnx.ai/onnx/operators/onnx__Slice.html
// Version 1 has starts, ends and axes as attributes; since 10 they are inputs 1 to 3, and steps is input 4.
#include <algorithm>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// What is taken of one axis: `count` elements from `begin` on, `step` apart.
struct Cut {
  int64_t begin, step, count;
};

// Negative places count from the end; all are clamped, as numpy does. Any 64-bit values are fine.
Cut CutOf(int64_t start, int64_t end, int64_t step, int64_t size) {
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  const int64_t begin = std::clamp(start < 0 ? start + size : start, low, high);
  const int64_t stop = std::clamp(end < 0 ? end + size : end, low, high);
  const int64_t span = step > 0 ? stop - begin : begin - stop;
  if (span <= 0) return {0, 1, 0};
  const uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : -static_cast<uint64_t>(step);
  const auto count = static_cast<int64_t>((static_cast<uint64_t>(span) - 1) / stride + 1);
  return {begin, count == 1 ? 1 : step, count};
}

struct SliceArguments {
  ops::Ints starts, ends, steps;
  std::vector<int> axes;
};

Result<SliceArguments> Checked(ops::Ints starts, ops::Ints ends, std::optional<ops::Ints> axes, std::optional<ops::Ints> steps, int rank) {
  SliceArguments out;
  if (!axes) {
    if (static_cast<int64_t>(starts.size()) > rank) return BadInput("Slice: ", starts.size(), " starts for a tensor of rank ", rank);
    axes.emplace();
    for (size_t i = 0; i < starts.size(); ++i) axes->push_back(static_cast<int64_t>(i));
  }
  if (!steps) steps.emplace(starts.size(), 1);
  if (ends.size() != starts.size() || axes->size() != starts.size() || steps->size() != starts.size()) {
    return BadInput("Slice: ", starts.size(), " starts, ", ends.size(), " ends, ", axes->size(), " axes and ", steps->size(), " steps");
  }
  for (int64_t step : *steps) {
    if (step == 0) return BadInput("Slice: a step of 0");
  }
  SAMOYED_ASSIGN_OR_RETURN(out.axes, ops::NormalizeAxes(*axes, rank));
  out.starts = std::move(starts);
  out.ends = std::move(ends);
  out.steps = *std::move(steps);
  return out;
}

Status RunSlice(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(ops::Ints starts, ops::RequireInts(ctx, "starts", 1));
  SAMOYED_ASSIGN_OR_RETURN(ops::Ints ends, ops::RequireInts(ctx, "ends", 2));
  SAMOYED_ASSIGN_OR_RETURN(std::optional<ops::Ints> axes, ops::IntsArgument(ctx, "axes", 3));
  SAMOYED_ASSIGN_OR_RETURN(std::optional<ops::Ints> steps, ops::IntsArgument(ctx, "steps", 4));
  SAMOYED_ASSIGN_OR_RETURN(const SliceArguments args,
                           Checked(std::move(starts), std::move(ends), std::move(axes), std::move(steps), in->rank()));
  Shape shape = in->shape(), strides = RowMajorStrides(in->shape());
  int64_t offset = 0;
  for (size_t i = 0; i < args.axes.size(); ++i) {
    const int axis = args.axes[i];
    const Cut cut = CutOf(args.starts[i], args.ends[i], args.steps[i], in->dim(axis));
    shape[axis] = cut.count;
    if (in->size() == 0 || cut.count == 0) continue;
    offset += cut.begin * strides[axis];
    strides[axis] *= cut.step;
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  ops::GatherStrided(*in, offset, strides, shape, *out);
  return OkStatus();
}

// Cutting dimensions out of a shape.
void PropagateSlice(InferContext& ctx, const SliceArguments& args) {
  Dims content;
  if (!ctx.input_dims(0, &content)) return;
  if (args.axes.empty()) return ctx.set_output_dims(0, std::move(content));
  const Cut cut = CutOf(args.starts[0], args.ends[0], args.steps[0], static_cast<int64_t>(content.size()));
  Dims picked;
  for (int64_t i = 0; i < cut.count; ++i) picked.push_back(content[static_cast<size_t>(cut.begin + i * cut.step)]);
  ctx.set_output_dims(0, std::move(picked));
}

// A dimension that may be a symbol: only what a full range leaves is known.
Dim CutDim(const Dim& size, int64_t start, int64_t end, int64_t step) {
  if (size.known()) return Dim(CutOf(start, end, step, size.value).count);
  const bool all = start == 0 && step == 1 && end >= INT32_MAX;
  return all ? size : Dim();
}

Status InferSlice(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  if (!in->shape) return OkStatus();
  Dims dims = *in->shape;
  const ops::KnownInts starts = ops::InferInts(ctx, "starts", 1), ends = ops::InferInts(ctx, "ends", 2);
  const ops::KnownInts axes = ops::InferInts(ctx, "axes", 3), steps = ops::InferInts(ctx, "steps", 4);
  if (axes.present && !axes.values) {
    ctx.set_output_type(0, Type::TensorOf(in->dtype, ops::UnknownDims(in->rank())));
    return OkStatus();
  }
  if (!starts.values || !ends.values || (steps.present && !steps.values)) {
    // The axes that are not sliced stay.
    const Dims* length = ctx.input_shape(1);
    const bool known = axes.values || (length != nullptr && length->size() == 1 && (*length)[0].known());
    std::vector<int> sliced;
    if (axes.values) {
      SAMOYED_ASSIGN_OR_RETURN(sliced, ops::NormalizeAxes(*axes.values, in->rank()));
      for (int axis : sliced) dims[static_cast<size_t>(axis)] = Dim();
    } else {
      const int64_t n = known ? std::min<int64_t>((*length)[0].value, in->rank()) : in->rank();
      for (int64_t i = 0; i < n; ++i) dims[static_cast<size_t>(i)] = Dim();
    }
    ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const SliceArguments args, Checked(*starts.values, *ends.values, axes.values, steps.values, in->rank()));
  for (size_t i = 0; i < args.axes.size(); ++i) {
    Dim& d = dims[static_cast<size_t>(args.axes[i])];
    d = CutDim(d, args.starts[i], args.ends[i], args.steps[i]);
  }
  if (in->rank() == 1) PropagateSlice(ctx, args);
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Slice = {.infer = InferSlice, .run = RunSlice};

}  // namespace samoyed
