#include "ops/common/scatter.h"

#include <algorithm>
#include <cmath>
#include <complex>

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/elementwise.h"
#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

template <typename Wide>
Wide Combine(Reduction reduction, Wide a, Wide b) {
  if constexpr (std::is_integral_v<Wide>) {
    if (reduction == Reduction::kAdd) return WrapAdd(a, b);
    if (reduction == Reduction::kMul) return WrapMul(a, b);
  }
  if (reduction == Reduction::kAdd) return a + b;
  if (reduction == Reduction::kMul) return a * b;
  if constexpr (std::is_floating_point_v<Wide>) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) ? a : b;
  }
  if constexpr (!std::is_same_v<Wide, Complex>) {
    return reduction == Reduction::kMin ? std::min(a, b) : std::max(a, b);
  }
  return b;
}

template <typename Wide>
Status ReduceAs(Reduction reduction, const Tensor& in, int64_t in_at, Tensor& out, int64_t out_at, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const Wide sum = Combine(reduction, At<Wide>(out, out_at + i), At<Wide>(in, in_at + i));
    Store(out, out_at + i, 1, &sum);
  }
  return OkStatus();
}

Status CheckScatterShapes(const Tensor& data, const Tensor& indices, const Tensor& updates, int axis) {
  if (indices.shape() != updates.shape()) {
    return BadInput("ScatterElements: indices of shape ", indices.shape().ToString(), " and updates of shape ", updates.shape().ToString());
  }
  bool fits = indices.rank() == data.rank();
  for (int i = 0; fits && i < data.rank(); ++i) fits = i == axis || indices.dim(i) <= data.dim(i);
  if (fits) return OkStatus();
  return BadInput("ScatterElements: indices of shape ", indices.shape().ToString(), " do not fit data of shape ", data.shape().ToString());
}

}  // namespace

Result<std::vector<int64_t>> ReadIndices(const NodeContext& ctx, const Tensor& indices, int64_t size) {
  if (indices.dtype() != DType::kInt32 && indices.dtype() != DType::kInt64) {
    return BadInput(ctx.op_type(), ": indices must be int32 or int64, not ", NameOf(indices.dtype()));
  }
  std::vector<int64_t> out = LoadAll<int64_t>(indices);
  for (int64_t& index : out) {
    const auto place = NormalizeIndex(index, size);
    if (!place) return BadInput(ctx.op_type(), ": index ", index, " is outside [", -size, ", ", size, ")");
    index = *place;
  }
  return out;
}

Result<Reduction> ReductionOf(const NodeContext& ctx) {
  const std::string_view name = ctx.attributes().String("reduction", "none");
  if (name == "none") return Reduction::kNone;
  if (name == "add") return Reduction::kAdd;
  if (name == "mul") return Reduction::kMul;
  if (name == "min") return Reduction::kMin;
  if (name == "max") return Reduction::kMax;
  return BadInput(ctx.op_type(), ": reduction '", name, "' is none of none, add, mul, min, max");
}

Status ReduceElements(Reduction reduction, const Tensor& in, int64_t in_at, Tensor& out, int64_t out_at, int64_t n) {
  if (reduction == Reduction::kNone) {
    CopyElements(in, in_at, out, out_at, n);
    return OkStatus();
  }
  const bool orders = reduction == Reduction::kMin || reduction == Reduction::kMax;
  switch (ClassOf(in.dtype())) {
    case DTypeClass::kFloat:
      return ReduceAs<double>(reduction, in, in_at, out, out_at, n);
    case DTypeClass::kSigned:
      return ReduceAs<int64_t>(reduction, in, in_at, out, out_at, n);
    case DTypeClass::kUnsigned:
    case DTypeClass::kBool:
      return ReduceAs<uint64_t>(reduction, in, in_at, out, out_at, n);
    case DTypeClass::kComplex:
      if (!orders) return ReduceAs<Complex>(reduction, in, in_at, out, out_at, n);
      break;
    default:
      break;
  }
  return BadInput("elements of type ", NameOf(in.dtype()), " cannot be reduced this way");
}

Status RunScatterElements(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* data, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* updates, RequireInput(ctx, 2));
  SAMOYED_ASSIGN_OR_RETURN(const Reduction reduction, ReductionOf(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), data->rank()));
  SAMOYED_RETURN_IF_ERROR(CheckSameDType(ctx, *data, *updates));
  SAMOYED_RETURN_IF_ERROR(CheckScatterShapes(*data, *indices, *updates, axis));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int64_t> places, ReadIndices(ctx, *indices, data->dim(axis)));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, data->dtype(), data->shape());
  CopyElements(*data, 0, *out, 0, data->size());
  Shape strides = RowMajorStrides(data->shape());
  const int64_t axis_stride = strides[axis];
  const bool along_last = axis == data->rank() - 1;
  strides[axis] = 0;  // the index says where along the axis
  Status status;
  ForEachRow(indices->shape(), std::span<const Shape>(&strides, 1), [&](int64_t at, std::span<const int64_t> to) {
    for (int64_t i = 0; i < indices->shape().back() && status.ok(); ++i) {
      const int64_t place = to[0] + places[static_cast<size_t>(at + i)] * axis_stride + (along_last ? 0 : i);
      status = ReduceElements(reduction, *updates, at + i, *out, place, 1);
    }
  });
  return status;
}

}  // namespace samoyed::ops
