// SplitToSequence: the input cut along an axis, as a sequence. https://onnx.ai/onnx/operators/onnx__SplitToSequence.html
// `split`: a list of sizes, one size for all (the last may be smaller), or nothing: size 1, whose axis goes away if keepdims is 0.
#include <algorithm>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Result<ops::Ints> SizesOf(const Tensor* split, int64_t size) {
  if (split == nullptr) return ops::Ints(static_cast<size_t>(size), 1);
  SAMOYED_ASSIGN_OR_RETURN(ops::Ints given, ops::ReadInts(*split, "SplitToSequence: split"));
  ops::Ints sizes;
  int64_t left = size;
  if (split->rank() == 0) {
    if (given[0] <= 0) return BadInput("SplitToSequence: a size of ", given[0]);
    for (; left > 0; left -= sizes.back()) sizes.push_back(std::min(given[0], left));
    return sizes;
  }
  for (int64_t s : given) {
    if (s < 0 || s > left) return BadInput("SplitToSequence: sizes [", StrJoin(given, ","), "] do not add up to ", size);
    left -= s;
  }
  if (left != 0) return BadInput("SplitToSequence: sizes [", StrJoin(given, ","), "] do not add up to ", size);
  return given;
}

Status RunSplitToSequence(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), in->rank()));
  const Tensor* split = ctx.input(1);
  if (in->size() == 0 && split == nullptr && in->dim(axis) > (1 << 20))
    return LimitExceeded("SplitToSequence into ", in->dim(axis), " empty parts");
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints sizes, SizesOf(split, in->dim(axis)));
  const bool drops_axis = split == nullptr && ctx.attributes().Int("keepdims", 1) == 0;
  const Shape strides = RowMajorStrides(in->shape());
  std::vector<Value> items;
  int64_t begin = 0;
  for (int64_t size : sizes) {
    Shape shape = in->shape();
    shape[axis] = size;
    SAMOYED_ASSIGN_OR_RETURN(Tensor part, Tensor::Allocate(in->dtype(), shape));
    if (part.size() > 0) ops::GatherStrided(*in, begin * strides[axis], strides, shape, part);
    begin += size;
    if (drops_axis) {
      Shape rest;
      for (int i = 0; i < shape.rank(); ++i) {
        if (i != axis) rest.push_back(shape[i]);
      }
      part = part.Reshaped(std::move(rest));
    }
    items.emplace_back(std::move(part));
  }
  ops::SetSequence(ctx, std::move(items));
  return OkStatus();
}

Status InferSplitToSequence(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  Type element = *in;
  if (in->shape) {
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), in->rank()));
    const auto at = static_cast<size_t>(axis);
    if (ctx.num_inputs() > 1) {
      // All parts of one size, where that can be seen.
      const ops::KnownInts split = ops::InferInts(ctx, "", 1);
      const Dims* split_shape = ctx.input_shape(1);
      const Dim whole = (*element.shape)[at];
      Dim size;
      if (split.values && !split.values->empty() && split_shape != nullptr) {
        const int64_t first = split.values->front();
        const bool equal = split_shape->empty()
                               ? whole.known() && first > 0 && whole.value % first == 0
                               : std::all_of(split.values->begin(), split.values->end(), [&](int64_t s) { return s == first; });
        if (equal && first >= 0) size = Dim(first);
      }
      (*element.shape)[at] = size;
    } else if (ctx.attributes().Int("keepdims", 1) == 0) {
      element.shape->erase(element.shape->begin() + axis);
    } else {
      (*element.shape)[at] = Dim(1);
    }
  }
  ctx.set_output_type(0, Type::SequenceOf(std::move(element)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SplitToSequence = {.infer = InferSplitToSequence, .run = RunSplitToSequence};

}  // namespace samoyed
