// MaxRoiPool: regions [batch, x1, y1, x2, y2] of a feature map [N, C, H, W], the largest element of each of their bins (Girshick, Fast
// R-CNN, https://arxiv.org/abs/1504.08083). https://onnx.ai/onnx/operators/onnx__MaxRoiPool.html
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr double kFar = 0x1p30;  // places beyond are as good as there: nothing is there

struct Pooled {
  int64_t height, width;
};

Result<Pooled> PooledShape(const NodeContext& ctx) {
  const auto shape = ctx.attributes().Ints("pooled_shape");
  if (shape.size() != 2 || shape[0] < 1 || shape[1] < 1 || shape[0] > int64_t{1} << 30 || shape[1] > int64_t{1} << 30) {
    return BadInput("MaxRoiPool: pooled_shape must be two sizes of 1 or more, got ", Shape(shape).ToString());
  }
  return Pooled{shape[0], shape[1]};
}

// The elements [first, last) that bin b of `bins` covers of a region [low, high] on an axis of `size` elements.
struct Span {
  int64_t first, last;
};
Span BinOf(double low, double high, double scale, int64_t b, int64_t bins, int64_t size) {
  const auto place = [scale](double v) { return static_cast<int64_t>(std::clamp(std::round(v * scale), -kFar, kFar)); };
  const int64_t start = place(low), length = std::max<int64_t>(place(high) - start + 1, 1);
  const int64_t first = b * length / bins, last = ((b + 1) * length + bins - 1) / bins;
  return {std::clamp<int64_t>(start + first, 0, size), std::clamp<int64_t>(start + last, 0, size)};
}

double Largest(const double* map, int64_t width, Span y, Span x) {
  if (y.first >= y.last || x.first >= x.last) return 0;
  double best = -std::numeric_limits<double>::infinity();
  for (int64_t i = y.first; i < y.last; ++i) {
    for (int64_t k = x.first; k < x.last; ++k) {
      const double v = map[i * width + k];
      if (v > best || std::isnan(v)) best = v;
    }
  }
  return best;
}

Status RunMaxRoiPool(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* rois, RequireInput(ctx, 1));
  if (x->rank() != 4 || !IsFloat(x->dtype()))
    return BadInput("MaxRoiPool needs floats [N, C, H, W], got ", NameOf(x->dtype()), x->shape().ToString());
  if (rois->rank() != 2 || rois->dim(1) != 5 || rois->dtype() != x->dtype()) {
    return BadInput("MaxRoiPool: regions must be ", NameOf(x->dtype()), " [regions, 5], got ", NameOf(rois->dtype()),
                    rois->shape().ToString());
  }
  SAMOYED_ASSIGN_OR_RETURN(const Pooled pooled, PooledShape(ctx));
  const double scale = ctx.attributes().Float("spatial_scale", 1);
  const int64_t channels = x->dim(1), height = x->dim(2), width = x->dim(3);
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), (Shape{rois->dim(0), channels, pooled.height, pooled.width}));
  if (y->size() == 0) return OkStatus();
  const std::vector<double> maps = LoadAll<double>(*x), regions = LoadAll<double>(*rois);
  std::vector<double> out(static_cast<size_t>(pooled.height * pooled.width));
  for (int64_t r = 0; r < rois->dim(0); ++r) {
    const double* region = regions.data() + r * 5;
    const double batch = region[0];
    if (!(batch >= 0 && batch < static_cast<double>(x->dim(0))))
      return BadInput("MaxRoiPool: batch index ", batch, " of a batch of ", x->dim(0));
    const bool nowhere = std::any_of(region, region + 5, [scale](double v) { return std::isnan(v * scale); });
    for (int64_t channel = 0; channel < channels; ++channel) {
      SAMOYED_RETURN_IF_ERROR(ctx.Poll());
      const double* map = maps.data() + (static_cast<int64_t>(batch) * channels + channel) * height * width;
      for (size_t i = 0; i < out.size(); ++i) {
        const int64_t row = static_cast<int64_t>(i) / pooled.width, column = static_cast<int64_t>(i) % pooled.width;
        out[i] = nowhere ? std::nan("")
                         : Largest(map, width, BinOf(region[2], region[4], scale, row, pooled.height, height),
                                   BinOf(region[1], region[3], scale, column, pooled.width, width));
      }
      Store(*y, (r * channels + channel) * static_cast<int64_t>(out.size()), static_cast<int64_t>(out.size()), out.data());
    }
  }
  return OkStatus();
}

Status InferMaxRoiPool(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Pooled pooled, PooledShape(ctx));
  const Type* x = ctx.tensor_type(0);
  if (x == nullptr) return OkStatus();
  Dims dims = {Dim(), Dim(), pooled.height, pooled.width};
  if (x->shape) {
    if (x->rank() != 4) return BadInput("MaxRoiPool needs an input [N, C, H, W], got rank ", x->rank());
    dims[1] = (*x->shape)[1];
  }
  if (const Dims* rois = ctx.input_shape(1)) {
    if (rois->size() != 2) return BadInput("MaxRoiPool: regions [regions, 5] have rank ", rois->size());
    SAMOYED_RETURN_IF_ERROR(ops::MergeDim((*rois)[1], 5).status());
    dims[0] = (*rois)[0];
  }
  ctx.set_output_type(0, Type::TensorOf(x->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_MaxRoiPool = {.infer = InferMaxRoiPool, .run = RunMaxRoiPool};

}  // namespace samoyed
