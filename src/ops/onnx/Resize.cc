// Resize: interpolation to other sizes along some axes. https://onnx.ai/onnx/operators/onnx__Resize.html
// Version 10 takes scales alone (and rounds as Upsample); 11 added roi, sizes and the modes; 18 axes, antialias and
// keep_aspect_ratio_policy. The output's size follows from the scales alone: the roi does not change it, as in the standard's
// shape inference (its text says otherwise).
#include "ops/common/resize.h"

#include <algorithm>

#include "ops/common/args.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunResize(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const ops::ResizeSpec spec, ops::ReadResize(ctx));
  const bool has_roi = ctx.since_version() >= 11;
  const Tensor* sizes = has_roi ? ctx.input(3) : nullptr;
  SAMOYED_ASSIGN_OR_RETURN(std::vector<ops::ResizeAxis> axes, ops::PlanResize(spec, in->shape(), ctx.input(has_roi ? 2 : 1), sizes));
  if (spec.options.coordinates == ops::Coordinates::kTfCropAndResize)
    SAMOYED_RETURN_IF_ERROR(ops::SetRegion(spec, ctx.input(1), in->rank(), &axes));
  return ops::RunResize(ctx, *in, axes, spec.options);
}

Status InferResize(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  if (!in->shape) return OkStatus();
  const int scales_at = ctx.since_version() >= 11 ? 2 : 1;
  const Tensor* scales = ctx.input_constant(scales_at);
  const ops::KnownInts sizes = scales_at == 2 ? ops::InferInts(ctx, "", 3) : ops::KnownInts();
  const bool has_scales = scales != nullptr ? scales->size() > 0 : ctx.input_type(scales_at) != nullptr;
  if (scales_at == 2 && sizes.present && scales != nullptr && scales->size() > 0)
    return BadInput("Resize: both scales and sizes are given");
  if (scales_at == 2 && !sizes.present && !has_scales && in->rank() > 0) return BadInput("Resize: neither scales nor sizes are given");
  const bool known = sizes.present ? sizes.values.has_value() : scales != nullptr;
  const auto shape = in->concrete_shape();
  Dims dims = ops::UnknownDims(in->rank());
  SAMOYED_ASSIGN_OR_RETURN(const ops::ResizeSpec spec, ops::ReadResize(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, ops::AxesOf(spec, in->rank()));
  for (int i = 0; i < in->rank(); ++i) {
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) dims[static_cast<size_t>(i)] = (*in->shape)[static_cast<size_t>(i)];
  }
  if (known && shape) {
    SAMOYED_ASSIGN_OR_RETURN(const auto plan, ops::PlanResize(spec, *shape, sizes.present ? nullptr : scales, sizes.values));
    for (size_t i = 0; i < dims.size(); ++i) dims[i] = Dim(plan[i].size);
  } else if (sizes.values && sizes.values->size() == axes.size() && spec.policy == ops::AspectRatio::kStretch) {
    for (size_t i = 0; i < axes.size(); ++i) {
      if ((*sizes.values)[i] >= 0) dims[static_cast<size_t>(axes[i])] = Dim((*sizes.values)[i]);
    }
  } else if (known && scales != nullptr && scales->dtype() == DType::kFloat && scales->size() == static_cast<int64_t>(axes.size())) {
    for (size_t i = 0; i < axes.size(); ++i) {
      const auto at = static_cast<size_t>(axes[i]);
      const Dim& d = (*in->shape)[at];
      const float scale = scales->data<float>()[i];
      if (scale == 1) dims[at] = d;
      if (!d.known()) continue;
      SAMOYED_ASSIGN_OR_RETURN(const int64_t size, ops::ScaledSize(d.value, scale));
      dims[at] = Dim(size);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Resize = {.infer = InferResize, .run = RunResize, .tolerance = {1e-5, 1e-5}};

}  // namespace samoyed
