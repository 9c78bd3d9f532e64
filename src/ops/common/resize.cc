#include "ops/common/resize.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

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

constexpr Name<AspectRatio> kPolicies[] = {
    {"stretch", AspectRatio::kStretch}, {"not_larger", AspectRatio::kNotLarger}, {"not_smaller", AspectRatio::kNotSmaller}};

template <typename T, size_t N>
Result<T> Named(const Name<T> (&names)[N], std::string_view attribute, std::string_view given) {
  for (const Name<T>& n : names) {
    if (n.name == given) return n.value;
  }
  return BadInput("Resize: ", attribute, " '", given, "' is unknown");
}

constexpr double kFar = 0x1p50;  // coordinates beyond this are clamped: no data is there

// Where output element x of an axis lies in the input's coordinates.
double SourceOf(double x, int64_t in_size, const ResizeAxis& axis, Coordinates coordinates) {
  const auto n = static_cast<double>(in_size);
  const double length = axis.whole_length ? static_cast<double>(axis.size) : axis.scale * n;
  double at = 0;
  switch (coordinates) {
    case Coordinates::kHalfPixel:
      at = (x + 0.5) / axis.scale - 0.5;
      break;
    case Coordinates::kHalfPixelSymmetric:
      at = n / 2 * (1 - static_cast<double>(axis.size) / length) + (x + 0.5) / axis.scale - 0.5;
      break;
    case Coordinates::kPytorchHalfPixel:
      at = axis.size > 1 ? (x + 0.5) / axis.scale - 0.5 : 0;
      break;
    case Coordinates::kAlignCorners:
      at = length == 1 ? 0 : x * (n - 1) / (length - 1);
      break;
    case Coordinates::kAsymmetric:
      at = x / axis.scale;
      break;
    case Coordinates::kTfHalfPixel:
      at = (x + 0.5) / axis.scale;
      break;
    case Coordinates::kTfCropAndResize:
      at = length == 1 ? 0.5 * (axis.start + axis.end) * (n - 1)
                       : axis.start * (n - 1) + x * (axis.end - axis.start) * (n - 1) / (length - 1);
      break;
  }
  return std::isnan(at) ? 0 : std::clamp(at, -kFar, kFar);
}

bool IsOutside(double at, int64_t in_size, Coordinates coordinates) {
  return coordinates == Coordinates::kTfCropAndResize && (at < 0 || at > static_cast<double>(in_size - 1));
}

int64_t NearestOf(double at, double scale, NearestMode mode) {
  switch (mode) {
    case NearestMode::kRoundPreferFloor:
      return static_cast<int64_t>(std::ceil(at - 0.5));
    case NearestMode::kRoundPreferCeil:
      return static_cast<int64_t>(std::floor(at + 0.5));
    case NearestMode::kFloor:
      return static_cast<int64_t>(std::floor(at));
    case NearestMode::kCeil:
      return static_cast<int64_t>(std::ceil(at));
    case NearestMode::kLegacy:
      return static_cast<int64_t>(scale < 1 ? std::ceil(at) : std::floor(at));
  }
  return 0;
}

// The resampling filters, as functions of the distance.
double Filter(double x, const ResizeOptions& options) {
  x = std::fabs(x);
  const double a = options.cubic_a;
  if (options.mode == ResizeMode::kLinear) return x < 1 ? 1 - x : 0;
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

}  // namespace

Taps TapsOf(int64_t in_size, const ResizeAxis& axis, const ResizeOptions& options) {
  Taps taps;
  // Shrinking with antialias stretches the filter by 1 / scale.
  const double stretch = options.antialias ? std::min(axis.scale, 1.0) : 1.0;
  const double radius = options.mode == ResizeMode::kLinear ? 1 : 2;
  const int64_t reach = static_cast<int64_t>(-std::floor(-radius / stretch));  // elements to either side
  taps.per_output = 2 * reach;
  for (int64_t x = 0; x < axis.size; ++x) {
    const double at = SourceOf(static_cast<double>(x), in_size, axis, options.coordinates);
    const auto first = static_cast<int64_t>(std::ceil(at)) - reach;
    taps.outside.push_back(IsOutside(at, in_size, options.coordinates));
    double sum = 0;
    for (int64_t k = first; k < first + taps.per_output; ++k) {
      const bool excluded = options.exclude_outside && (k < 0 || k >= in_size);
      taps.weight.push_back(excluded ? 0 : Filter((static_cast<double>(k) - at) * stretch, options));
      taps.index.push_back(std::clamp<int64_t>(k, 0, in_size - 1));
      sum += taps.weight.back();
    }
    if ((options.antialias || options.exclude_outside) && sum != 0) {
      for (auto w = taps.weight.end() - taps.per_output; w != taps.weight.end(); ++w) *w /= sum;
    }
  }
  return taps;
}

bool IsIdentity(int64_t in_size, const ResizeAxis& axis, const ResizeOptions& options) {
  if (axis.size != in_size || std::fabs(axis.scale - 1) > 1e-9) return false;
  return options.coordinates != Coordinates::kTfCropAndResize || (axis.start == 0 && axis.end == 1);
}

namespace {

// One axis of a tensor of doubles.
Result<Tensor> ResizeAxisOf(const Tensor& in, int axis, const Taps& taps, double extrapolation) {
  Shape shape = in.shape();
  shape[axis] = static_cast<int64_t>(taps.outside.size());
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(DType::kDouble, shape));
  const int64_t outer = shape.Product(0, axis), inner = shape.Product(axis + 1, shape.rank());
  auto* to = out.mutable_data<double>();
  for (int64_t o = 0; o < outer; ++o) {
    const double* from = in.data<double>() + o * in.dim(axis) * inner;
    for (int64_t x = 0; x < shape[axis]; ++x, to += inner) {
      std::fill_n(to, inner, taps.outside[static_cast<size_t>(x)] ? extrapolation : 0.0);
      if (taps.outside[static_cast<size_t>(x)]) continue;
      for (int64_t k = x * taps.per_output; k < (x + 1) * taps.per_output; ++k) {
        const double weight = taps.weight[static_cast<size_t>(k)];
        const double* row = from + taps.index[static_cast<size_t>(k)] * inner;
        if (weight == 0) continue;  // an infinity outside the filter is not seen
        for (int64_t i = 0; i < inner; ++i) to[i] += weight * row[i];
      }
    }
  }
  return out;
}

Status RunNearest(KernelContext& ctx, const Tensor& in, const std::vector<ResizeAxis>& axes, const ResizeOptions& options, Tensor& out) {
  SAMOYED_ASSIGN_OR_RETURN(Tensor fill, Tensor::Allocate(in.dtype(), {1}));
  ZeroElements(fill, 0, 1);
  Store(fill, 0, 1, &options.extrapolation);
  std::vector<std::vector<int64_t>> maps;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t in_size = in.dim(static_cast<int>(i));
    std::vector<int64_t>& map = maps.emplace_back();
    for (int64_t x = 0; x < axes[i].size; ++x) {
      const double at = SourceOf(static_cast<double>(x), in_size, axes[i], options.coordinates);
      const bool identity = IsIdentity(in_size, axes[i], options);
      const int64_t place = identity ? x : NearestOf(at, axes[i].scale, options.nearest);
      map.push_back(!identity && IsOutside(at, in_size, options.coordinates) ? -1 : std::clamp<int64_t>(place, 0, in_size - 1));
    }
  }
  GatherMapped(ctx, in, maps, fill, out);
  return ctx.Poll();
}

// `wide`, a tensor of doubles, resized along every axis.
Result<Tensor> Interpolate(Tensor wide, const std::vector<ResizeAxis>& axes, const ResizeOptions& options, double extrapolation) {
  for (size_t i = 0; i < axes.size(); ++i) {
    const int axis = static_cast<int>(i);
    const int64_t in_size = wide.dim(axis);
    if (IsIdentity(in_size, axes[i], options)) continue;
    SAMOYED_ASSIGN_OR_RETURN(wide, ResizeAxisOf(wide, axis, TapsOf(in_size, axes[i], options), extrapolation));
  }
  return wide;
}

// The real and imaginary parts by themselves.
Status InterpolateComplex(const Tensor& in, const std::vector<ResizeAxis>& axes, const ResizeOptions& options, Tensor& out) {
  const std::vector<std::complex<double>> values = LoadAll<std::complex<double>>(in);
  std::vector<std::complex<double>> results(static_cast<size_t>(out.size()));
  for (int part = 0; part < 2; ++part) {
    SAMOYED_ASSIGN_OR_RETURN(Tensor wide, Tensor::Allocate(DType::kDouble, in.shape()));
    for (size_t i = 0; i < values.size(); ++i) wide.mutable_data<double>()[i] = part == 0 ? values[i].real() : values[i].imag();
    SAMOYED_ASSIGN_OR_RETURN(wide, Interpolate(std::move(wide), axes, options, part == 0 ? options.extrapolation : 0));
    for (size_t i = 0; i < results.size(); ++i) {
      const double x = wide.data<double>()[i];
      results[i] += part == 0 ? std::complex<double>(x, 0) : std::complex<double>(0, x);
    }
  }
  StoreAll(out, results);
  return OkStatus();
}

Status RunInterpolation(const Tensor& in, const std::vector<ResizeAxis>& axes, const ResizeOptions& options, Tensor& out) {
  const DTypeClass kind = ClassOf(in.dtype());
  if (kind == DTypeClass::kString) return BadInput("linear and cubic resizing need numbers, not strings");
  if (kind == DTypeClass::kComplex) return InterpolateComplex(in, axes, options, out);
  SAMOYED_ASSIGN_OR_RETURN(Tensor wide, Tensor::Allocate(DType::kDouble, in.shape()));
  Load(in, 0, in.size(), wide.mutable_data<double>());
  SAMOYED_ASSIGN_OR_RETURN(wide, Interpolate(std::move(wide), axes, options, options.extrapolation));
  if (!IsFloat(in.dtype())) {
    for (int64_t i = 0; i < wide.size(); ++i) wide.mutable_data<double>()[i] = std::nearbyint(wide.data<double>()[i]);
  }
  Store(out, 0, out.size(), wide.data<double>());
  return OkStatus();
}

}  // namespace

Result<int64_t> ScaledSize(int64_t size, float scale) {
  const double scaled = std::floor(static_cast<float>(size) * scale);
  if (!(scale > 0) || !(scaled < 0x1p62)) return BadInput("a size of ", size, " cannot be scaled by ", scale);
  return static_cast<int64_t>(scaled);
}

Result<ResizeSpec> ReadResize(const NodeContext& ctx) {
  const Attributes& a = ctx.attributes();
  ResizeSpec spec;
  ResizeOptions& options = spec.options;
  SAMOYED_ASSIGN_OR_RETURN(options.mode, Named(kModes, "mode", a.String("mode", "nearest")));
  if (ctx.since_version() < 11) return spec;
  SAMOYED_ASSIGN_OR_RETURN(options.nearest, Named(kNearestModes, "nearest_mode", a.String("nearest_mode", "round_prefer_floor")));
  SAMOYED_ASSIGN_OR_RETURN(options.coordinates,
                           Named(kCoordinates, "coordinate_transformation_mode", a.String("coordinate_transformation_mode", "half_pixel")));
  options.cubic_a = a.Float("cubic_coeff_a", -0.75f);
  options.exclude_outside = a.Int("exclude_outside") != 0;
  options.extrapolation = a.Float("extrapolation_value");
  options.antialias = a.Int("antialias") != 0;
  if (options.antialias && options.mode == ResizeMode::kNearest) return BadInput("Resize: antialias needs mode linear or cubic");
  if (a.Has("axes")) spec.axes.emplace(a.Ints("axes").begin(), a.Ints("axes").end());
  SAMOYED_ASSIGN_OR_RETURN(spec.policy, Named(kPolicies, "keep_aspect_ratio_policy", a.String("keep_aspect_ratio_policy", "stretch")));
  spec.whole_length = ctx.since_version() < 19 && options.coordinates == Coordinates::kAlignCorners;
  return spec;
}

Result<std::vector<int>> AxesOf(const ResizeSpec& spec, int rank) {
  if (spec.axes) return NormalizeAxes(*spec.axes, rank);
  std::vector<int> axes;
  for (int i = 0; i < rank; ++i) axes.push_back(i);
  return axes;
}

namespace {

// The sizes, or the one scale that keeps the aspect ratio; dims are the input's along the axes.
Status AxesFromSizes(AspectRatio policy, const Shape& in, const std::vector<int>& axes, const Ints& sizes, std::vector<ResizeAxis>* out) {
  double common = policy == AspectRatio::kNotLarger ? HUGE_VAL : 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t from = in[axes[i]], to = sizes[i];
    if (to < 0 || (from == 0 && to > 0)) return BadInput("Resize of axis ", axes[i], " of shape ", in.ToString(), " to ", to);
    const double scale = from == 0 ? 1 : static_cast<double>(to) / static_cast<double>(from);
    common = policy == AspectRatio::kNotLarger ? std::min(common, scale) : std::max(common, scale);
    (*out)[static_cast<size_t>(axes[i])].scale = scale;
    (*out)[static_cast<size_t>(axes[i])].size = to;
  }
  if (policy == AspectRatio::kStretch) return OkStatus();
  for (const int axis : axes) {
    const double size = std::floor(common * static_cast<double>(in[axis]) + 0.5);
    if (!(size < 0x1p62)) return LimitExceeded("Resize: a size of ", size);
    (*out)[static_cast<size_t>(axis)].scale = common;
    (*out)[static_cast<size_t>(axis)].size = static_cast<int64_t>(size);
  }
  return OkStatus();
}

}  // namespace

Result<std::vector<ResizeAxis>> PlanResize(const ResizeSpec& spec, const Shape& in, const Tensor* scales,
                                           const std::optional<Ints>& sizes) {
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, AxesOf(spec, in.rank()));
  std::vector<ResizeAxis> out(static_cast<size_t>(in.rank()));
  for (int i = 0; i < in.rank(); ++i) out[static_cast<size_t>(i)] = {.size = in[i], .whole_length = spec.whole_length};
  const bool by_sizes = sizes && !sizes->empty();
  const bool by_scales = scales != nullptr && scales->size() > 0;
  if (by_sizes == by_scales && in.rank() > 0) return BadInput("Resize needs either scales or sizes");
  if (by_sizes) {
    if (sizes->size() != axes.size()) return BadInput("Resize: ", sizes->size(), " sizes for ", axes.size(), " axes");
    SAMOYED_RETURN_IF_ERROR(AxesFromSizes(spec.policy, in, axes, *sizes, &out));
    return out;
  }
  if (!by_scales) return out;
  if (scales->dtype() != DType::kFloat || scales->size() != static_cast<int64_t>(axes.size())) {
    return BadInput("Resize: ", scales->size(), " scales of type ", NameOf(scales->dtype()), " for ", axes.size(), " axes");
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const float scale = scales->data<float>()[i];
    ResizeAxis& axis = out[static_cast<size_t>(axes[i])];
    axis.scale = scale;
    SAMOYED_ASSIGN_OR_RETURN(axis.size, ScaledSize(in[axes[i]], scale));
  }
  return out;
}

Result<std::vector<ResizeAxis>> PlanResize(const ResizeSpec& spec, const Shape& in, const Tensor* scales, const Tensor* sizes) {
  std::optional<Ints> given;
  if (sizes != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(given, ReadInts(*sizes, "Resize: sizes"));
  }
  return PlanResize(spec, in, scales, given);
}

Status SetRegion(const ResizeSpec& spec, const Tensor* roi, int rank, std::vector<ResizeAxis>* out) {
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, AxesOf(spec, rank));
  const auto count = static_cast<int64_t>(axes.size());
  if (roi == nullptr || !IsFloat(roi->dtype()) || roi->size() != 2 * count)
    return BadInput("Resize by tf_crop_and_resize needs a roi of ", 2 * count, " numbers");
  for (int64_t i = 0; i < count; ++i) {
    ResizeAxis& axis = (*out)[static_cast<size_t>(axes[static_cast<size_t>(i)])];
    axis.start = At<double>(*roi, i);
    axis.end = At<double>(*roi, count + i);
  }
  return OkStatus();
}

Status RunResize(KernelContext& ctx, const Tensor& in, const std::vector<ResizeAxis>& axes, const ResizeOptions& options) {
  Shape shape = in.shape();
  for (int i = 0; i < shape.rank(); ++i) shape[i] = axes[static_cast<size_t>(i)].size;
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in.dtype(), shape);
  if (out->size() == 0) return OkStatus();
  if (in.size() == 0) return BadInput(ctx.op_type(), " of an empty tensor of shape ", in.shape().ToString(), " to ", shape.ToString());
  return options.mode == ResizeMode::kNearest ? RunNearest(ctx, in, axes, options, *out) : RunInterpolation(in, axes, options, *out);
}

}  // namespace samoyed::ops
