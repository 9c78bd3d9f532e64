// CenterCropPad: axes cropped around their centre, or padded with zeros around it, to given sizes.
// https://onnx.ai/onnx/operators/onnx__CenterCropPad.html
#include <algorithm>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Result<std::vector<int>> AxesOf(const NodeContext& ctx, int rank) {
  if (ctx.attributes().Has("axes")) return ops::NormalizeAxes(ctx.attributes().Ints("axes"), rank);
  std::vector<int> axes;
  for (int i = 0; i < rank; ++i) axes.push_back(i);
  return axes;
}

Status CheckSizes(const ops::Ints& sizes, size_t axes) {
  if (sizes.size() != axes) return BadInput("CenterCropPad: ", sizes.size(), " sizes for ", axes, " axes");
  for (int64_t s : sizes) {
    if (s < 0) return BadInput("CenterCropPad: a size of ", s);
  }
  return OkStatus();
}

Status RunCenterCropPad(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* target, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints sizes, ops::ReadInts(*target, "CenterCropPad: shape"));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, AxesOf(ctx, in->rank()));
  SAMOYED_RETURN_IF_ERROR(CheckSizes(sizes, axes.size()));
  Shape shape = in->shape();
  for (size_t i = 0; i < axes.size(); ++i) shape[axes[i]] = sizes[i];
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  ops::ZeroElements(*out, 0, out->size());
  // What both have in common, and where it begins in each: half of what is too much, rounded down.
  Shape common = shape;
  const Shape in_strides = RowMajorStrides(in->shape()), out_strides = RowMajorStrides(shape);
  int64_t from = 0, to = 0;
  for (int i = 0; i < shape.rank(); ++i) {
    common[i] = std::min(shape[i], in->dim(i));
    if (common[i] == 0) return OkStatus();
  }
  if (in->size() == 0 || out->size() == 0) return OkStatus();
  for (int i = 0; i < shape.rank(); ++i) {
    from += (in->dim(i) - common[i]) / 2 * in_strides[i];
    to += (shape[i] - common[i]) / 2 * out_strides[i];
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor middle, Tensor::Allocate(in->dtype(), common));
  ops::GatherStrided(*in, from, in_strides, common, middle);
  ops::ScatterStrided(middle, 0, common, *out, to, out_strides);
  return OkStatus();
}

Status InferCenterCropPad(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  Type out = *in;
  if (in->shape) {
    SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, AxesOf(ctx, in->rank()));
    const ops::KnownInts sizes = ops::InferInts(ctx, "", 1);
    if (sizes.values) SAMOYED_RETURN_IF_ERROR(CheckSizes(*sizes.values, axes.size()));
    for (size_t i = 0; i < axes.size(); ++i) (*out.shape)[static_cast<size_t>(axes[i])] = sizes.values ? Dim((*sizes.values)[i]) : Dim();
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_CenterCropPad = {.infer = InferCenterCropPad, .run = RunCenterCropPad};

}  // namespace samoyed
