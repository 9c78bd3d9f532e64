// GridSample: the input [N, C, D1, ..., Dr] sampled at the places of a grid [N, O1, ..., Or, r] of coordinates in [-1, 1],
// the innermost axis' coordinate first. https://onnx.ai/onnx/operators/onnx__GridSample.html
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr int kMaxAxes = 8;      // 4^8 taps a sample for cubic; more spatial axes are an attack, not a model
constexpr double kFar = 0x1p30;  // coordinates beyond are clamped: nothing is there

enum class Padding : uint8_t { kZeros, kBorder, kReflection };

struct SampleOptions {
  int taps = 2;  // 1 nearest, 2 linear, 4 cubic
  Padding padding = Padding::kZeros;
  bool align_corners = false;
};

Result<SampleOptions> OptionsOf(const NodeContext& ctx) {
  SampleOptions options;
  const std::string_view mode = ctx.attributes().String("mode", "linear"), padding = ctx.attributes().String("padding_mode", "zeros");
  if (mode == "nearest") {
    options.taps = 1;
  } else if (mode == "cubic" || mode == "bicubic") {
    options.taps = 4;
  } else if (mode != "linear" && mode != "bilinear") {
    return BadInput("GridSample: mode '", mode, "' is none of nearest, linear, cubic");
  }
  if (padding == "border") options.padding = Padding::kBorder;
  if (padding == "reflection") options.padding = Padding::kReflection;
  if (padding != "zeros" && padding != "border" && padding != "reflection")
    return BadInput("GridSample: padding_mode '", padding, "' is unknown");
  options.align_corners = ctx.attributes().Int("align_corners") != 0;
  return options;
}

// Folds x back and forth between low and high.
double Reflected(double x, double low, double high) {
  const double range = high - low;
  if (range <= 0) return low;
  const double away = std::fabs(x - low);
  const double folded = std::fmod(away, 2 * range);
  return low + (folded <= range ? folded : 2 * range - folded);
}

double PaddedPlace(double x, int64_t size, const SampleOptions& options) {
  const auto n = static_cast<double>(size);
  const double low = options.align_corners ? 0 : -0.5, high = options.align_corners ? n - 1 : n - 0.5;
  if (options.padding == Padding::kBorder) return std::clamp(x, 0.0, n - 1);
  if (options.padding == Padding::kReflection && (x < low || x > high)) return Reflected(x, low, high);
  return x;
}

// An integer place of one axis: itself, moved inside by the padding mode, or -1 where it is zero.
int64_t TapPlace(int64_t place, int64_t size, const SampleOptions& options) {
  if (place >= 0 && place < size) return place;
  if (options.padding == Padding::kZeros) return -1;
  const double inside = PaddedPlace(static_cast<double>(place), size, options);
  return std::clamp<int64_t>(static_cast<int64_t>(inside), 0, size - 1);
}

void Weights(double t, int taps, double* w) {
  constexpr double a = -0.75;  // of the cubic convolution
  const auto near = [](double x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [](double x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
  if (taps == 1) w[0] = 1;
  if (taps == 2) w[0] = 1 - t, w[1] = t;
  if (taps == 4) w[0] = far(1 + t), w[1] = near(t), w[2] = near(1 - t), w[3] = far(2 - t);
}

// Where one output place takes its value from: for each axis the elements (as offsets; -1: zero) and their weights.
struct Sample {
  int64_t offset[kMaxAxes][4];
  double weight[kMaxAxes][4];
};

Sample SampleAt(const double* coordinates, const Shape& shape, const Shape& strides, const SampleOptions& options) {
  Sample sample;
  const int axes = shape.rank() - 2;
  for (int i = 0; i < axes; ++i) {
    const int64_t size = shape[2 + i];
    const auto n = static_cast<double>(size);
    const double c = coordinates[axes - 1 - i];
    double x = options.align_corners ? (c + 1) / 2 * (n - 1) : ((c + 1) * n - 1) / 2;
    x = std::isnan(x) ? -1 : std::clamp(x, -kFar, kFar);
    // The standard's reference rounds to float before it looks which neighbours there are.
    x = static_cast<float>(x);
    if (options.taps == 1) x = std::nearbyint(x);
    // At a border a cubic curve goes on through what the edge repeats, so only its taps are moved (as in PyTorch, whence this operator is).
    const bool move_taps_only = options.taps == 4 && options.padding == Padding::kBorder;
    if (!move_taps_only) x = static_cast<float>(PaddedPlace(x, size, options));
    const double first = options.taps == 1 ? std::trunc(x) : std::floor(x);
    const int64_t begin = static_cast<int64_t>(first) - (options.taps == 4 ? 1 : 0);
    Weights(x - first, options.taps, sample.weight[i]);
    for (int k = 0; k < options.taps; ++k) {
      const int64_t place = TapPlace(begin + k, size, options);
      sample.offset[i][k] = place < 0 ? -1 : place * strides[2 + i];
    }
  }
  return sample;
}

template <typename Wide>
Wide Interpolate(const Tensor& in, const Sample& sample, int axis, int axes, int taps, int64_t offset) {
  if (axis == axes) return At<Wide>(in, offset);
  Wide sum = 0;
  for (int k = 0; k < taps; ++k) {
    const int64_t at = sample.offset[axis][k];
    if (at >= 0 && sample.weight[axis][k] != 0)
      sum += sample.weight[axis][k] * Interpolate<Wide>(in, sample, axis + 1, axes, taps, offset + at);
  }
  return sum;
}

Status CheckShapes(const Tensor& in, const Tensor& grid) {
  const bool fits = in.rank() >= 3 && in.rank() - 2 <= kMaxAxes && grid.rank() == in.rank() && grid.dim(0) == in.dim(0) &&
                    grid.shape().back() == in.rank() - 2 && IsFloat(grid.dtype());
  if (fits) return OkStatus();
  return BadInput("GridSample: input ", in.shape().ToString(), " and grid ", NameOf(grid.dtype()), grid.shape().ToString(), " do not fit");
}

Status RunGridSample(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* grid, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const SampleOptions options, OptionsOf(ctx));
  SAMOYED_RETURN_IF_ERROR(CheckShapes(*in, *grid));
  const DTypeClass kind = ClassOf(in->dtype());
  if (options.taps > 1 && kind == DTypeClass::kString) return BadInput("GridSample: linear and cubic modes need numbers, not strings");
  Shape shape = {in->dim(0), in->dim(1)};
  const int axes = in->rank() - 2;
  for (int i = 0; i < axes; ++i) shape.push_back(grid->dim(1 + i));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  if (out->size() == 0) return OkStatus();
  if (in->size() == 0) return BadInput("GridSample of an empty input ", in->shape().ToString());
  const Shape strides = RowMajorStrides(in->shape());
  const int64_t places = shape.Product(2, shape.rank());
  for (int64_t k = 0; k < in->dim(0) * places; ++k) {
    double coordinates[kMaxAxes];
    Load(*grid, k * axes, axes, coordinates);
    const Sample sample = SampleAt(coordinates, in->shape(), strides, options);
    for (int64_t c = 0; c < in->dim(1); ++c) {
      const int64_t from = k / places * strides[0] + c * strides[1], to = (k / places * in->dim(1) + c) * places + k % places;
      if (options.taps == 1) {
        int64_t offset = 0;
        bool outside = false;
        for (int i = 0; i < axes; ++i) {
          outside |= sample.offset[i][0] < 0;
          offset += sample.offset[i][0];
        }
        if (outside) {
          ops::ZeroElements(*out, to, 1);
        } else {
          ops::CopyElements(*in, from + offset, *out, to, 1);
        }
        continue;
      }
      if (kind == DTypeClass::kComplex) {
        const auto value = Interpolate<std::complex<double>>(*in, sample, 0, axes, options.taps, from);
        Store(*out, to, 1, &value);
      } else {
        const auto value = Interpolate<double>(*in, sample, 0, axes, options.taps, from);
        Store(*out, to, 1, &value);
      }
    }
  }
  return OkStatus();
}

Status InferGridSample(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  const Dims* grid = ctx.input_shape(1);
  Type out = *in;
  if (in->shape && in->rank() >= 3) {
    if (grid != nullptr && grid->size() != in->shape->size())
      return BadInput("GridSample: input of rank ", in->rank(), ", grid of rank ", grid->size());
    for (size_t i = 2; i < out.shape->size(); ++i) (*out.shape)[i] = grid != nullptr ? (*grid)[i - 1] : Dim();
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_GridSample = {.infer = InferGridSample, .run = RunGridSample, .tolerance = {1e-4, 1e-5}};

}  // namespace samoyed
