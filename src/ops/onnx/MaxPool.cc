// MaxPool: the largest element of a window, and (version 8 on) where it is in the whole input.
// https://onnx.ai/onnx/operators/onnx__MaxPool.html
#include <cmath>
#include <limits>

#include "ops/common/pooling.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// An offset within a plane when the first spatial axis runs fastest (storage_order = 1).
int64_t ColumnMajor(int64_t at, const Shape& shape) {
  int64_t out = 0;
  for (int axis = shape.rank() - 1; axis >= 2; --axis) {
    out += at % shape[axis] * shape.Product(2, axis);
    at /= shape[axis];
  }
  return out;
}

// Elements as double are exact but for 64-bit integers, which the schema does not allow.
Status RunMaxPool(KernelContext& ctx) {
  const bool wants_indices = ctx.num_outputs() > 1 && ctx.wants_output(1);
  const bool column_major = ctx.attributes().Int("storage_order", 0) != 0;
  std::vector<int64_t> indices;
  int64_t plane_begin = 0;
  SAMOYED_RETURN_IF_ERROR(ops::RunPool(ctx, [&](ops::WindowRows& rows, const std::vector<double>& x, std::vector<double>& y) {
    for (int64_t o = 0; o < rows.out_size(); ++o) {
      double best = -std::numeric_limits<double>::infinity();
      int64_t where = -1;
      rows.ForOutput(o, [&](int64_t start, int64_t step, int64_t n) {
        for (int64_t i = 0; i < n; ++i) {
          const double v = x[static_cast<size_t>(start + i * step)];
          if (where >= 0 && !(v > best) && !(std::isnan(v) && !std::isnan(best))) continue;
          best = v;
          where = start + i * step;
        }
      });
      y[static_cast<size_t>(o)] = best;
      if (!wants_indices) continue;
      const int64_t inside = where < 0 ? 0 : where;  // a window of padding alone points at the plane's beginning
      indices.push_back(plane_begin + (column_major ? ColumnMajor(inside, ctx.input(0)->shape()) : inside));
    }
    plane_begin += rows.in_size();
  }));
  if (!wants_indices) return OkStatus();
  const Shape& x = ctx.input(0)->shape();
  SAMOYED_ASSIGN_OR_RETURN(const ops::WindowAttributes attributes, ops::ReadWindow(ctx, x.rank() - 2));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<ops::WindowAxis> windows, ops::PlaceWindows(attributes, x));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 1, DType::kInt64, ops::OutputShape(x[0], x[1], windows));
  StoreAll(*out, indices);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_MaxPool = {.infer = ops::InferPool, .run = RunMaxPool, .flops = ops::PoolFlops};

}  // namespace samoyed
