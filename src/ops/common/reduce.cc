#include "ops/common/reduce.h"

#include <algorithm>
#include <vector>

#include "ops/common/args.h"
#include "ops/common/elementwise.h"
#include "ops/common/quantize.h"

namespace samoyed::ops {
namespace {

// Marks the axes that are reduced; no axes given means all, or none with noop_with_empty_axes.
Result<std::vector<bool>> ReducedAxes(const NodeContext& ctx, const std::optional<Ints>& axes, int rank) {
  if (!axes || axes->empty()) return std::vector<bool>(static_cast<size_t>(rank), ctx.attributes().Int("noop_with_empty_axes") == 0);
  std::vector<bool> reduced(static_cast<size_t>(rank), false);
  for (int64_t axis : *axes) {
    SAMOYED_ASSIGN_OR_RETURN(const int index, NormalizeAxis(axis, rank));
    reduced[static_cast<size_t>(index)] = true;
  }
  return reduced;
}

template <typename Wide>
Status ReduceAs(KernelContext& ctx, const Tensor& x, const std::vector<bool>& reduced, const Reduction<Wide>& reduction) {
  const bool keep = ctx.attributes().Int("keepdims", 1) != 0;
  Shape kept, full = x.shape();
  for (int i = 0; i < x.rank(); ++i) {
    const bool gone = reduced[static_cast<size_t>(i)];
    if (gone) full[i] = 1;
    if (!gone || keep) kept.push_back(gone ? 1 : x.dim(i));
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x.dtype(), kept);
  Wide start = reduction.start;
  if constexpr (std::is_same_v<Wide, int64_t>) {
    // The neutral element of max and min is the end of the type's own range.
    if (x.dtype() == DType::kBool) start = std::clamp<int64_t>(start, 0, 1);
    if (IsInteger(x.dtype()) && BitWidth(x.dtype()) <= 32) start = RangeOf(x.dtype()).Clamp(start);
  }
  if constexpr (std::is_same_v<Wide, uint64_t>) {
    if (BitWidth(x.dtype()) < 64) start = std::min(start, (uint64_t{1} << BitWidth(x.dtype())) - 1);
  }
  std::vector<Wide> states(static_cast<size_t>(y->size()), start);
  const std::vector<Wide> values = LoadAll<Wide>(x);
  const Shape strides[] = {BroadcastStrides(full, x.shape())};
  const int64_t n = x.rank() == 0 ? 1 : x.shape().back(), step = x.rank() == 0 ? 0 : strides[0].back();
  ForEachRow(x.shape(), strides, [&](int64_t at, std::span<const int64_t> to) {
    for (int64_t i = 0; i < n; ++i) {
      Wide& state = states[static_cast<size_t>(to[0] + i * step)];
      state = reduction.step(state, values[static_cast<size_t>(at + i)]);
    }
  });
  const int64_t count = y->size() == 0 ? 0 : x.size() / y->size();
  if (reduction.finish != nullptr) {
    for (Wide& state : states) state = reduction.finish(state, count);
  }
  StoreAll(*y, states);
  return OkStatus();
}

}  // namespace

Status RunReduce(KernelContext& ctx, const Reduction<double>& floats, const Reduction<int64_t>* integers,
                 const Reduction<uint64_t>* unsigneds) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const std::optional<Ints> axes, IntsArgument(ctx, "axes", 1));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<bool> reduced, ReducedAxes(ctx, axes, x->rank()));
  // noop_with_empty_axes: the elements pass through the function one by one, which finish and step do with a count of 1.
  switch (ClassOf(x->dtype())) {
    case DTypeClass::kUnsigned:
      if (unsigneds != nullptr) return ReduceAs<uint64_t>(ctx, *x, reduced, *unsigneds);
      [[fallthrough]];
    case DTypeClass::kSigned:
    case DTypeClass::kBool:
      if (integers != nullptr) return ReduceAs<int64_t>(ctx, *x, reduced, *integers);
      return ReduceAs<double>(ctx, *x, reduced, floats);
    case DTypeClass::kFloat:
      return ReduceAs<double>(ctx, *x, reduced, floats);
    default:
      return BadInput(ctx.op_type(), " does not take elements of type ", NameOf(x->dtype()));
  }
}

Status InferReduce(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(0);
  const Dims* x = ctx.input_shape(0);
  const bool keep = ctx.attributes().Int("keepdims", 1) != 0;
  const KnownInts axes = InferInts(ctx, "axes", 1);
  if (x == nullptr || (axes.present && !axes.values)) {
    const bool rank_known = x != nullptr && keep;
    ctx.set_output_type(0, rank_known ? Type::TensorOf(dtype, UnknownDims(static_cast<int>(x->size()))) : Type::TensorOf(dtype));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<bool> reduced, ReducedAxes(ctx, axes.values, static_cast<int>(x->size())));
  Dims out;
  for (size_t i = 0; i < x->size(); ++i) {
    if (!reduced[i]) out.push_back((*x)[i]);
    if (reduced[i] && keep) out.emplace_back(1);
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(out)));
  return OkStatus();
}

}  // namespace samoyed::ops
