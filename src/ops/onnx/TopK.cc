// TopK: the k largest (or smallest) elements along an axis, in order, and where they were; of equal ones the first comes first.
// https://onnx.ai/onnx/operators/onnx__TopK.html  k is an attribute in version 1, input 1 since 10. NaN counts as largest, as in numpy.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

template <typename Wide>
bool Less(Wide a, Wide b) {
  if constexpr (std::is_floating_point_v<Wide>) {
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  }
  return a < b;
}

template <typename Wide>
void SelectAs(const Tensor& in, int axis, int64_t k, bool largest, Tensor* values, Tensor* places) {
  const int64_t size = in.dim(axis);
  const int64_t outer = in.shape().Product(0, axis), inner = in.shape().Product(axis + 1, in.rank());
  std::vector<Wide> line(static_cast<size_t>(size));
  std::vector<int64_t> order(line.size());
  const auto before = [&](int64_t a, int64_t b) {
    const Wide x = line[static_cast<size_t>(a)], y = line[static_cast<size_t>(b)];
    if (Less(x, y)) return !largest;
    if (Less(y, x)) return largest;
    return a < b;
  };
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const int64_t first = o * size * inner + i;
      if (inner == 1) {
        Load(in, first, size, line.data());
      } else {
        for (int64_t j = 0; j < size; ++j) line[static_cast<size_t>(j)] = At<Wide>(in, first + j * inner);
      }
      std::iota(order.begin(), order.end(), 0);
      std::partial_sort(order.begin(), order.begin() + k, order.end(), before);
      for (int64_t j = 0; j < k; ++j) {
        const int64_t to = (o * k + j) * inner + i;
        if (values != nullptr) ops::CopyElements(in, first + order[static_cast<size_t>(j)] * inner, *values, to, 1);
        if (places != nullptr) places->mutable_data<int64_t>()[to] = order[static_cast<size_t>(j)];
      }
    }
  }
}

Result<int64_t> CountOf(const KernelContext& ctx) {
  if (ctx.since_version() < 10) return ctx.attributes().Int("k");
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* k, RequireInput(ctx, 1));
  return ops::ReadInt(*k, "TopK: K");
}

Status RunTopK(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), in->rank()));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t k, CountOf(ctx));
  if (k < 0 || k > in->dim(axis)) return BadInput("TopK: K = ", k, " of ", in->dim(axis), " elements");
  Shape shape = in->shape();
  shape[axis] = k;
  Tensor *values = nullptr, *places = nullptr;
  if (ctx.wants_output(0)) {
    SAMOYED_ASSIGN_OR_RETURN(values, ctx.AllocateOutput(0, in->dtype(), shape));
  }
  if (ctx.wants_output(1)) {
    SAMOYED_ASSIGN_OR_RETURN(places, ctx.AllocateOutput(1, DType::kInt64, shape));
  }
  if (in->size() == 0 || k == 0) return OkStatus();
  const bool largest = ctx.attributes().Int("largest", 1) != 0;
  switch (ClassOf(in->dtype())) {
    case DTypeClass::kFloat:
      SelectAs<double>(*in, axis, k, largest, values, places);
      break;
    case DTypeClass::kSigned:
      SelectAs<int64_t>(*in, axis, k, largest, values, places);
      break;
    case DTypeClass::kUnsigned:
      SelectAs<uint64_t>(*in, axis, k, largest, values, places);
      break;
    default:
      return BadInput("TopK of elements of type ", NameOf(in->dtype()));
  }
  return OkStatus();
}

Status InferTopK(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  Type values = *in, places = *in;
  if (in->shape) {
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), in->rank()));
    const auto k = ctx.since_version() < 10 ? std::optional<int64_t>(ctx.attributes().Int("k")) : ops::InferInt(ctx, 1);
    Dim& size = (*values.shape)[static_cast<size_t>(axis)];
    if (k && (*k < 0 || (size.known() && *k > size.value)))
      return BadInput("TopK: K = ", *k, " is more than axis ", axis, " has, or negative");
    size = k ? Dim(*k) : Dim();
    places.shape = values.shape;
  }
  places.dtype = DType::kInt64;
  ctx.set_output_type(0, std::move(values));
  if (ctx.num_outputs() > 1) ctx.set_output_type(1, std::move(places));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_TopK = {.infer = InferTopK, .run = RunTopK};

}  // namespace samoyed
