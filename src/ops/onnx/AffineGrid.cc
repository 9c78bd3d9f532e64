// AffineGrid: affine maps applied to a regular grid over [-1, 1]: [N, (D,) H, W, 2 or 3], the innermost axis' coordinate first.
// https://onnx.ai/onnx/operators/onnx__AffineGrid.html
#include <algorithm>

#include "ops/common/args.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The i-th of n places: the corners' centres are at -1 and 1, or their outer edges.
double PlaceOf(int64_t i, int64_t n, bool align_corners) {
  if (align_corners) return n == 1 ? -1 : -1 + 2.0 * static_cast<double>(i) / static_cast<double>(n - 1);
  return (2.0 * static_cast<double>(i) + 1) / static_cast<double>(n) - 1;
}

Status RunAffineGrid(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* theta, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* size_tensor, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints size, ops::ReadInts(*size_tensor, "AffineGrid: size"));
  const int spatial = static_cast<int>(std::min<size_t>(size.size(), 6)) - 2;
  const bool fits = (spatial == 2 || spatial == 3) && IsFloat(theta->dtype()) && theta->rank() == 3 && theta->dim(0) == size[0] &&
                    theta->dim(1) == spatial && theta->dim(2) == spatial + 1;
  if (!fits) return BadInput("AffineGrid: theta ", theta->shape().ToString(), " and size [", StrJoin(size, ","), "] do not fit");
  Shape shape = {size[0]};
  for (int i = 0; i < spatial; ++i) shape.push_back(size[static_cast<size_t>(2 + i)]);
  shape.push_back(spatial);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, theta->dtype(), shape);
  const bool align_corners = ctx.attributes().Int("align_corners") != 0;
  const std::vector<double> maps = LoadAll<double>(*theta);
  const int64_t places = shape.Product(1, spatial + 1);
  for (int64_t k = 0; k < out->size() / spatial; ++k) {
    const double* map = maps.data() + k / places * spatial * (spatial + 1);
    double at[3], result[3];
    int64_t rest = k % places;
    for (int i = 0; i < spatial; ++i) {  // x (the last axis) comes first
      const int64_t n = shape[spatial - i];
      at[i] = PlaceOf(rest % n, n, align_corners);
      rest /= n;
    }
    for (int row = 0; row < spatial; ++row) {
      result[row] = map[row * (spatial + 1) + spatial];
      for (int i = 0; i < spatial; ++i) result[row] += map[row * (spatial + 1) + i] * at[i];
    }
    Store(*out, k * spatial, spatial, result);
  }
  return OkStatus();
}

Status InferAffineGrid(InferContext& ctx) {
  const Type* theta = ctx.tensor_type(0);
  if (theta == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(theta->dtype));
  Dims size;
  if (!ctx.input_dims(1, &size)) {
    const Dims* length = ctx.input_shape(1);
    if (length == nullptr || length->size() != 1 || !(*length)[0].known() || (*length)[0].value > 5) return OkStatus();
    size = ops::UnknownDims(static_cast<int>((*length)[0].value));
  }
  if (size.size() != 4 && size.size() != 5) return BadInput("AffineGrid: a size of ", size.size(), " numbers, needs 4 or 5");
  size.erase(size.begin() + 1);
  size.push_back(Dim(static_cast<int64_t>(size.size()) - 1));
  ctx.set_output_type(0, Type::TensorOf(theta->dtype, std::move(size)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_AffineGrid = {.infer = InferAffineGrid, .run = RunAffineGrid};

}  // namespace samoyed
