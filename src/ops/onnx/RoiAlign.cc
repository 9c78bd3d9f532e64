// RoiAlign: regions [x1, y1, x2, y2] of a feature map [N, C, H, W] (the image of each region is a batch index) pooled to one size
// by bilinear samples (He et al., Mask R-CNN, https://arxiv.org/abs/1703.06870). In mode max the standard takes the
// largest of the samples' four weighted neighbours, not of the samples. https://onnx.ai/onnx/operators/onnx__RoiAlign.html
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr int64_t kMaxSamplingRatio = 1 << 16;

struct Options {
  bool max = false, half_pixel = false;
  int64_t height = 1, width = 1, sampling_ratio = 0;
  double scale = 1;
};

Result<Options> OptionsOf(const NodeContext& ctx) {
  const Attributes& a = ctx.attributes();
  Options o;
  const std::string_view mode = a.String("mode", "avg");
  const std::string_view coordinates =
      ctx.since_version() < 16 ? "output_half_pixel" : a.String("coordinate_transformation_mode", "half_pixel");
  if (mode != "avg" && mode != "max") return BadInput("RoiAlign: mode is ", Quote(mode), ", known are avg, max");
  if (coordinates != "half_pixel" && coordinates != "output_half_pixel") {
    return BadInput("RoiAlign: coordinate_transformation_mode is ", Quote(coordinates), ", known are half_pixel, output_half_pixel");
  }
  o.max = mode == "max";
  o.half_pixel = coordinates == "half_pixel";
  o.height = a.Int("output_height", 1);
  o.width = a.Int("output_width", 1);
  o.sampling_ratio = a.Int("sampling_ratio", 0);
  o.scale = a.Float("spatial_scale", 1);
  if (o.height < 1 || o.width < 1) return BadInput("RoiAlign: an output of ", o.height, " by ", o.width, "; both must be 1 or more");
  if (o.sampling_ratio < 0 || o.sampling_ratio > kMaxSamplingRatio) {
    return BadInput("RoiAlign: sampling_ratio is ", o.sampling_ratio, ", allowed are 0 to ", kMaxSamplingRatio);
  }
  return o;
}

// A sample's two neighbours along an axis and their weights.
struct Sample {
  int64_t low, high;
  double low_weight, high_weight;
};

// The samples of one bin along one axis that lie on the map; `grid` counts all of them.
struct Bin {
  double grid = 0;
  std::vector<Sample> samples;
};

// The bins of one axis of a region. Coordinate is float unless the tensors are double, as elsewhere: the number of samples is a
// rounded-up quotient and must not depend on digits that the inputs do not have.
template <typename Coordinate>
std::vector<Bin> BinsOf(double low, double high, int64_t size, int64_t bins, const Options& options) {
  const auto scale = static_cast<Coordinate>(options.scale);
  const Coordinate shift = options.half_pixel ? Coordinate(0.5) : Coordinate(0);
  const Coordinate start = static_cast<Coordinate>(low) * scale - shift, end = static_cast<Coordinate>(high) * scale - shift;
  Coordinate length = end - start;
  if (!options.half_pixel) length = std::max(length, Coordinate(1));
  const Coordinate step = length / static_cast<Coordinate>(bins);
  // Beyond 2^52 samples the quotient has no digits left that matter.
  const double wanted = options.sampling_ratio > 0 ? static_cast<double>(options.sampling_ratio) : std::ceil(static_cast<double>(step));
  const double grid = std::clamp(wanted, 0.0, 0x1p52);
  std::vector<Bin> out(static_cast<size_t>(bins));
  for (int64_t b = 0; b < bins; ++b) {
    Bin& bin = out[static_cast<size_t>(b)];
    bin.grid = grid;
    const Coordinate base = start + static_cast<Coordinate>(b) * step;
    // Only samples on the map are visited: a region may be as large as its author likes.
    double first = 0, last = grid;
    if (const double spacing = static_cast<double>(step) / grid; spacing > 0) {
      first = std::clamp(std::floor((-1 - static_cast<double>(base)) / spacing) - 2, 0.0, grid);
      last = std::clamp(std::ceil((static_cast<double>(size) - static_cast<double>(base)) / spacing) + 2, first, grid);
    }
    for (auto i = static_cast<int64_t>(first); i < static_cast<int64_t>(last); ++i) {
      const auto at = static_cast<double>(base + (static_cast<Coordinate>(i) + Coordinate(0.5)) * step / static_cast<Coordinate>(grid));
      if (!(at >= -1 && at <= static_cast<double>(size))) continue;
      const double place = std::min(std::max(at, 0.0), static_cast<double>(size - 1));
      const auto below = static_cast<int64_t>(place);
      const double fraction = place - static_cast<double>(below);
      bin.samples.push_back({below, std::min(below + 1, size - 1), 1 - fraction, fraction});
    }
  }
  return out;
}

double Pool(const double* map, int64_t width, const Bin& y, const Bin& x, bool max) {
  double sum = 0, largest = -std::numeric_limits<double>::infinity();
  for (const Sample& sy : y.samples) {
    const double* low = map + sy.low * width;
    const double* high = map + sy.high * width;
    for (const Sample& sx : x.samples) {
      const double parts[] = {sy.low_weight * sx.low_weight * low[sx.low], sy.low_weight * sx.high_weight * low[sx.high],
                              sy.high_weight * sx.low_weight * high[sx.low], sy.high_weight * sx.high_weight * high[sx.high]};
      sum += parts[0] + parts[1] + parts[2] + parts[3];
      if (max) largest = std::max(largest, *std::max_element(parts, parts + 4));
    }
  }
  if (!max) return sum / std::max(y.grid * x.grid, 1.0);
  const bool some_outside = static_cast<double>(y.samples.size()) < y.grid || static_cast<double>(x.samples.size()) < x.grid;
  if (y.samples.empty() || x.samples.empty()) return 0;
  return some_outside ? std::max(largest, 0.0) : largest;  // samples outside are zeros
}

Status CheckInputs(const Tensor& x, const Tensor& rois, const Tensor& batch) {
  if (x.rank() != 4 || !IsFloat(x.dtype()) || x.dim(2) < 1 || x.dim(3) < 1) {
    return BadInput("RoiAlign needs floats [N, C, H, W] with elements, got ", NameOf(x.dtype()), x.shape().ToString());
  }
  if (rois.rank() != 2 || rois.dim(1) != 4 || rois.dtype() != x.dtype()) {
    return BadInput("RoiAlign: regions must be ", NameOf(x.dtype()), " [regions, 4], got ", NameOf(rois.dtype()), rois.shape().ToString());
  }
  if (batch.dtype() != DType::kInt64 || batch.shape() != Shape{rois.dim(0)}) {
    return BadInput("RoiAlign: batch indices must be int64 [", rois.dim(0), "], got ", NameOf(batch.dtype()), batch.shape().ToString());
  }
  for (int64_t index : batch.span<int64_t>()) {
    if (index < 0 || index >= x.dim(0)) return BadInput("RoiAlign: batch index ", index, " of a batch of ", x.dim(0));
  }
  return OkStatus();
}

Status RunRoiAlign(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* rois, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* batch, RequireInput(ctx, 2));
  SAMOYED_RETURN_IF_ERROR(CheckInputs(*x, *rois, *batch));
  SAMOYED_ASSIGN_OR_RETURN(const Options options, OptionsOf(ctx));
  const int64_t channels = x->dim(1), height = x->dim(2), width = x->dim(3);
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), (Shape{rois->dim(0), channels, options.height, options.width}));
  if (y->size() == 0) return OkStatus();
  const std::vector<double> maps = LoadAll<double>(*x), corners = LoadAll<double>(*rois);
  const auto bins = x->dtype() == DType::kDouble ? BinsOf<double> : BinsOf<float>;
  std::vector<double> out(static_cast<size_t>(options.height * options.width));
  for (int64_t r = 0; r < rois->dim(0); ++r) {
    const double* c = corners.data() + r * 4;
    const bool finite = std::all_of(c, c + 4, [](double v) { return std::isfinite(v); });
    std::vector<Bin> rows, columns;
    if (finite) {
      rows = bins(c[1], c[3], height, options.height, options);
      columns = bins(c[0], c[2], width, options.width, options);
    }
    const double* image = maps.data() + batch->data<int64_t>()[r] * channels * height * width;
    for (int64_t channel = 0; channel < channels; ++channel) {
      SAMOYED_RETURN_IF_ERROR(ctx.Poll());
      for (size_t i = 0; i < out.size(); ++i) {
        const size_t row = i / static_cast<size_t>(options.width), column = i % static_cast<size_t>(options.width);
        // A region that is nowhere has no content.
        out[i] = finite ? Pool(image + channel * height * width, width, rows[row], columns[column], options.max) : std::nan("");
      }
      Store(*y, (r * channels + channel) * static_cast<int64_t>(out.size()), static_cast<int64_t>(out.size()), out.data());
    }
  }
  return OkStatus();
}

Status InferRoiAlign(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Options options, OptionsOf(ctx));
  const Type* x = ctx.tensor_type(0);
  if (x == nullptr) return OkStatus();
  Dims dims = {Dim(), Dim(), options.height, options.width};
  if (x->shape) {
    if (x->rank() != 4) return BadInput("RoiAlign needs an input [N, C, H, W], got rank ", x->rank());
    dims[1] = (*x->shape)[1];
  }
  if (const Dims* rois = ctx.input_shape(1)) {
    if (rois->size() != 2) return BadInput("RoiAlign: regions [regions, 4] have rank ", rois->size());
    SAMOYED_RETURN_IF_ERROR(ops::MergeDim((*rois)[1], 4).status());
    dims[0] = (*rois)[0];
  }
  if (const Dims* batch = ctx.input_shape(2)) {
    if (batch->size() != 1) return BadInput("RoiAlign: batch indices have rank ", batch->size(), ", not 1");
    SAMOYED_ASSIGN_OR_RETURN(dims[0], ops::MergeDim(dims[0], (*batch)[0]));
  }
  ctx.set_output_type(0, Type::TensorOf(x->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_RoiAlign = {.infer = InferRoiAlign, .run = RunRoiAlign};

}  // namespace samoyed
