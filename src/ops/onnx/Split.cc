// Split: the input cut along an axis into consecutive parts. https://onnx.ai/onnx/operators/onnx__Split.html
// The sizes: attribute `split` (versions 1 to 11), input 1 (1, 13 and later), or equal parts; since 18 `num_outputs` parts, the
// last of which may be smaller.
#include <algorithm>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status CheckSizes(const ops::Ints& sizes, int64_t size, int outputs) {
  if (static_cast<int64_t>(sizes.size()) != outputs) return BadInput("Split: ", sizes.size(), " sizes for ", outputs, " outputs");
  int64_t left = size;
  for (int64_t s : sizes) {
    if (s < 0 || s > left) return BadInput("Split: sizes [", StrJoin(sizes, ","), "] do not add up to ", size);
    left -= s;
  }
  if (left != 0) return BadInput("Split: sizes [", StrJoin(sizes, ","), "] do not add up to ", size);
  return OkStatus();
}

// Parts of equal size; with num_outputs the last ones may be smaller.
Result<ops::Ints> EqualSizes(const NodeContext& ctx, int64_t size) {
  const int64_t parts = ctx.num_outputs();
  const bool may_be_uneven = ctx.attributes().Has("num_outputs");
  if (may_be_uneven && ctx.attributes().Int("num_outputs") != parts) {
    return BadInput("Split: num_outputs is ", ctx.attributes().Int("num_outputs"), ", but the node has ", parts, " outputs");
  }
  if (parts < 1) return BadInput("Split without outputs");
  if (!may_be_uneven && size % parts != 0) return BadInput("Split: a size of ", size, " does not divide into ", parts, " equal parts");
  const int64_t chunk = size / parts + (size % parts != 0 ? 1 : 0);
  ops::Ints sizes;
  for (int64_t left = size; static_cast<int64_t>(sizes.size()) < parts; left -= sizes.back()) sizes.push_back(std::min(chunk, left));
  return sizes;
}

// Version 1 takes the sizes as a tensor of the data's own (floating-point) type.
Result<std::optional<ops::Ints>> GivenSizes(const KernelContext& ctx) {
  const Tensor* tensor = ctx.input(1);
  if (tensor == nullptr || !IsFloat(tensor->dtype()) || ctx.since_version() != 1) return ops::IntsArgument(ctx, "split", 1);
  if (tensor->rank() > 1) return BadInput("Split: split of shape ", tensor->shape().ToString());
  return std::optional<ops::Ints>(LoadAll<int64_t>(*tensor));
}

// The standard allows one of the two from version 18 on.
Status CheckOneWay(const NodeContext& ctx, bool has_sizes) {
  if (!has_sizes || !ctx.attributes().Has("num_outputs")) return OkStatus();
  return BadInput("Split: both split and num_outputs are given");
}

Status RunSplit(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), in->rank()));
  SAMOYED_ASSIGN_OR_RETURN(std::optional<ops::Ints> sizes, GivenSizes(ctx));
  SAMOYED_RETURN_IF_ERROR(CheckOneWay(ctx, sizes.has_value()));
  if (!sizes) {
    SAMOYED_ASSIGN_OR_RETURN(sizes, EqualSizes(ctx, in->dim(axis)));
  }
  SAMOYED_RETURN_IF_ERROR(CheckSizes(*sizes, in->dim(axis), ctx.num_outputs()));
  const Shape strides = RowMajorStrides(in->shape());
  Shape shape = in->shape();
  int64_t begin = 0;
  for (size_t i = 0; i < sizes->size(); ++i) {
    shape[axis] = (*sizes)[i];
    if (ctx.wants_output(static_cast<int>(i))) {
      SAMOYED_ALLOCATE_OUTPUT(out, ctx, static_cast<int>(i), in->dtype(), shape);
      if (out->size() > 0) ops::GatherStrided(*in, begin * strides[axis], strides, shape, *out);
    }
    begin += shape[axis];
  }
  return OkStatus();
}

void SetAll(InferContext& ctx, const Type& type) {
  for (int i = 0; i < ctx.num_outputs(); ++i) ctx.set_output_type(i, type);
}

Status InferSplit(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  if (!in->shape) {
    SetAll(ctx, Type::TensorOf(in->dtype));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), in->rank()));
  Dims dims = *in->shape;
  Dim& size = dims[static_cast<size_t>(axis)];
  ops::KnownInts given = ops::InferInts(ctx, "split", 1);
  SAMOYED_RETURN_IF_ERROR(CheckOneWay(ctx, given.present));
  if (!given.present && size.known()) {
    SAMOYED_ASSIGN_OR_RETURN(given.values, EqualSizes(ctx, size.value));
  }
  if (!given.values) {
    if (ctx.num_outputs() != 1 || given.present) size = Dim();
    SetAll(ctx, Type::TensorOf(in->dtype, std::move(dims)));
    return OkStatus();
  }
  if (size.known()) SAMOYED_RETURN_IF_ERROR(CheckSizes(*given.values, size.value, ctx.num_outputs()));
  if (static_cast<int64_t>(given.values->size()) != ctx.num_outputs()) {
    return BadInput("Split: ", given.values->size(), " sizes for ", ctx.num_outputs(), " outputs");
  }
  Dims content;
  const bool has_content = in->rank() == 1 && size.known() && ctx.input_dims(0, &content);
  int64_t begin = 0;
  for (int i = 0; i < ctx.num_outputs(); ++i) {
    const int64_t part = (*given.values)[static_cast<size_t>(i)];
    if (part < 0) return BadInput("Split: a part of size ", part);
    if (has_content) ctx.set_output_dims(i, Dims(content.begin() + begin, content.begin() + begin + part));
    if (has_content) begin += part;
    size = Dim(part);
    ctx.set_output_type(i, Type::TensorOf(in->dtype, dims));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Split = {.infer = InferSplit, .run = RunSplit};

}  // namespace samoyed
