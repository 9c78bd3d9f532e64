// Resize: interpolation to other sizes along some axes. https://onnx.ai/onnx/operators/onnx__Resize.html
// Version 10 takes scales alone (and rounds as Upsample); 11 added roi, sizes and the modes; 18 axes, antialias and
// keep_aspect_ratio_policy. The output's size follows from the scales alone: the roi does not change it, as in the standard's
// shape inference (its text says otherwise).
#include "ops/common/resize.h"

#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

using ops::Coordinates;
using ops::NearestMode;
using ops::ResizeMode;

template <typename T>
struct Name {
  std::string_view name;
  T value;
};
constexpr Name<ResizeMode> kModes[] = {{"nearest", ResizeMode::kNearest}, {"linear", ResizeMode::kLinear}, {"cubic", ResizeMode::kCubic}};
constexpr Name<NearestMode> kNearestModes[] = {{"round_prefer_floor", NearestMode::kRoundPreferFloor},
                                               {"round_prefer_ceil", NearestMode::kRoundPreferCeil},
                                               {"floor", NearestMode::kFloor},
                                               {"ceil", NearestMode::kCeil}};
constexpr Name<Coordinates> kCoordinates[] = {{"half_pixel", Coordinates::kHalfPixel},
                                              {"half_pixel_symmetric", Coordinates::kHalfPixelSymmetric},
                                              {"pytorch_half_pixel", Coordinates::kPytorchHalfPixel},
                                              {"align_corners", Coordinates::kAlignCorners},
                                              {"asymmetric", Coordinates::kAsymmetric},
                                              {"tf_half_pixel_for_nn", Coordinates::kTfHalfPixel},
                                              {"tf_crop_and_resize", Coordinates::kTfCropAndResize}};

template <typename T, size_t N>
Result<T> Named(const Name<T> (&names)[N], std::string_view attribute, std::string_view given) {
  for (const Name<T>& n : names) {
    if (n.name == given) return n.value;
  }
  return BadInput("Resize: ", attribute, " '", given, "' is unknown");
}

Result<ops::ResizeOptions> OptionsOf(const NodeContext& ctx) {
  const Attributes& a = ctx.attributes();
  ops::ResizeOptions options;
  SAMOYED_ASSIGN_OR_RETURN(options.mode, Named(kModes, "mode", a.String("mode", "nearest")));
  if (ctx.since_version() < 11) return options;
  SAMOYED_ASSIGN_OR_RETURN(options.nearest, Named(kNearestModes, "nearest_mode", a.String("nearest_mode", "round_prefer_floor")));
  SAMOYED_ASSIGN_OR_RETURN(options.coordinates,
                           Named(kCoordinates, "coordinate_transformation_mode", a.String("coordinate_transformation_mode", "half_pixel")));
  options.cubic_a = a.Float("cubic_coeff_a", -0.75f);
  options.exclude_outside = a.Int("exclude_outside") != 0;
  options.extrapolation = a.Float("extrapolation_value");
  options.antialias = a.Int("antialias") != 0;
  if (options.antialias && options.mode == ResizeMode::kNearest) return BadInput("Resize: antialias needs mode linear or cubic");
  return options;
}

Result<std::vector<int>> AxesOf(const NodeContext& ctx, int rank) {
  if (ctx.attributes().Has("axes")) return ops::NormalizeAxes(ctx.attributes().Ints("axes"), rank);
  std::vector<int> axes;
  for (int i = 0; i < rank; ++i) axes.push_back(i);
  return axes;
}

// The sizes, or the one scale that keeps the aspect ratio; dims are the input's along the axes.
Status AxesFromSizes(const NodeContext& ctx, const Shape& in, const std::vector<int>& axes, const ops::Ints& sizes,
                     std::vector<ops::ResizeAxis>* out) {
  const std::string_view policy = ctx.attributes().String("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller") return BadInput("Resize: no policy '", policy, "'");
  double common = policy == "not_larger" ? HUGE_VAL : 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t from = in[axes[i]], to = sizes[i];
    if (to < 0 || (from == 0 && to > 0)) return BadInput("Resize of axis ", axes[i], " of shape ", in.ToString(), " to ", to);
    const double scale = from == 0 ? 1 : static_cast<double>(to) / static_cast<double>(from);
    common = policy == "not_larger" ? std::min(common, scale) : std::max(common, scale);
    (*out)[static_cast<size_t>(axes[i])].scale = scale;
    (*out)[static_cast<size_t>(axes[i])].size = to;
  }
  if (policy == "stretch") return OkStatus();
  for (const int axis : axes) {
    const double size = std::floor(common * static_cast<double>(in[axis]) + 0.5);
    if (!(size < 0x1p62)) return LimitExceeded("Resize: a size of ", size);
    (*out)[static_cast<size_t>(axis)].scale = common;
    (*out)[static_cast<size_t>(axis)].size = static_cast<int64_t>(size);
  }
  return OkStatus();
}

// How each axis is resized; axes that are not named stay. `scales` and `sizes` may be null or empty, but not both.
Result<std::vector<ops::ResizeAxis>> PlanAxes(const NodeContext& ctx, const Shape& in, const Tensor* scales,
                                              const std::optional<ops::Ints>& sizes) {
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, AxesOf(ctx, in.rank()));
  std::vector<ops::ResizeAxis> out(static_cast<size_t>(in.rank()));
  for (int i = 0; i < in.rank(); ++i) out[static_cast<size_t>(i)].size = in[i];
  const bool by_sizes = sizes && !sizes->empty();
  const bool by_scales = scales != nullptr && scales->size() > 0;
  if (by_sizes == by_scales && in.rank() > 0) return BadInput("Resize needs either scales or sizes");
  if (by_sizes) {
    if (sizes->size() != axes.size()) return BadInput("Resize: ", sizes->size(), " sizes for ", axes.size(), " axes");
    SAMOYED_RETURN_IF_ERROR(AxesFromSizes(ctx, in, axes, *sizes, &out));
    return out;
  }
  if (!by_scales) return out;
  if (scales->dtype() != DType::kFloat || scales->size() != static_cast<int64_t>(axes.size())) {
    return BadInput("Resize: ", scales->size(), " scales of type ", NameOf(scales->dtype()), " for ", axes.size(), " axes");
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const float scale = scales->data<float>()[i];
    ops::ResizeAxis& axis = out[static_cast<size_t>(axes[i])];
    axis.scale = scale;
    SAMOYED_ASSIGN_OR_RETURN(axis.size, ops::ScaledSize(in[axes[i]], scale));
  }
  return out;
}

Status SetRegion(const NodeContext& ctx, const Tensor* roi, int rank, std::vector<ops::ResizeAxis>* out) {
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, AxesOf(ctx, rank));
  const auto count = static_cast<int64_t>(axes.size());
  if (roi == nullptr || !IsFloat(roi->dtype()) || roi->size() != 2 * count)
    return BadInput("Resize by tf_crop_and_resize needs a roi of ", 2 * count, " numbers");
  for (int64_t i = 0; i < count; ++i) {
    ops::ResizeAxis& axis = (*out)[static_cast<size_t>(axes[static_cast<size_t>(i)])];
    axis.start = At<double>(*roi, i);
    axis.end = At<double>(*roi, count + i);
  }
  return OkStatus();
}

// `length_resized` of align_corners is "the length of the resized tensor", an integer, up to version 18; PyTorch and its exporter mean
// that. Since 19 it is read as the standard's own cases have it, with the fraction that a scale leaves.
void WholeLengths(Coordinates coordinates, std::vector<ops::ResizeAxis>* axes) {
  for (ops::ResizeAxis& axis : *axes) axis.whole_length = coordinates == Coordinates::kAlignCorners;
}

Status RunResize(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const ops::ResizeOptions options, OptionsOf(ctx));
  const bool has_roi = ctx.since_version() >= 11;
  std::optional<ops::Ints> sizes;
  if (const Tensor* given = has_roi ? ctx.input(3) : nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(sizes, ops::ReadInts(*given, "Resize: sizes"));
  }
  SAMOYED_ASSIGN_OR_RETURN(std::vector<ops::ResizeAxis> axes, PlanAxes(ctx, in->shape(), ctx.input(has_roi ? 2 : 1), sizes));
  if (ctx.since_version() < 19) WholeLengths(options.coordinates, &axes);
  if (options.coordinates == Coordinates::kTfCropAndResize) SAMOYED_RETURN_IF_ERROR(SetRegion(ctx, ctx.input(1), in->rank(), &axes));
  return ops::RunResize(ctx, *in, axes, options);
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
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, AxesOf(ctx, in->rank()));
  for (int i = 0; i < in->rank(); ++i) {
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) dims[static_cast<size_t>(i)] = (*in->shape)[static_cast<size_t>(i)];
  }
  if (known && shape) {
    SAMOYED_ASSIGN_OR_RETURN(const auto plan, PlanAxes(ctx, *shape, sizes.present ? nullptr : scales, sizes.values));
    for (size_t i = 0; i < dims.size(); ++i) dims[i] = Dim(plan[i].size);
  } else if (sizes.values && sizes.values->size() == axes.size() &&
             ctx.attributes().String("keep_aspect_ratio_policy", "stretch") == "stretch") {
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
