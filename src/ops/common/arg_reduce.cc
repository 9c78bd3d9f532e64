#include "ops/common/arg_reduce.h"

#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

template <typename Wide>
Status ArgReduceAs(KernelContext& ctx, const Tensor& x, int axis, int sign) {
  const bool keep = ctx.attributes().Int("keepdims", 1) != 0;
  const bool last = ctx.attributes().Int("select_last_index") != 0;
  Shape shape;
  for (int i = 0; i < x.rank(); ++i) {
    if (i != axis || keep) shape.push_back(i == axis ? 1 : x.dim(i));
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kInt64, shape);
  const int64_t n = x.dim(axis), inner = x.shape().Product(axis + 1, x.rank());
  if (n == 0 && y->size() > 0) return BadInput(ctx.op_type(), ": axis ", axis, " of shape ", x.shape().ToString(), " is empty");
  const std::vector<Wide> values = LoadAll<Wide>(x);
  for (int64_t o = 0; o < y->size(); ++o) {
    const Wide* line = values.data() + o / inner * n * inner + o % inner;
    int64_t best = 0;
    for (int64_t i = 1; i < n; ++i) {
      const Wide a = line[i * inner], b = line[best * inner];
      const bool better = sign > 0 ? a > b : a < b;
      if (better || (last && a == b)) best = i;
    }
    y->mutable_data<int64_t>()[o] = best;
  }
  return OkStatus();
}

}  // namespace

Status RunArgReduce(KernelContext& ctx, int sign) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), x->rank()));
  switch (ClassOf(x->dtype())) {
    case DTypeClass::kFloat: return ArgReduceAs<double>(ctx, *x, axis, sign);
    case DTypeClass::kSigned: return ArgReduceAs<int64_t>(ctx, *x, axis, sign);
    case DTypeClass::kUnsigned: return ArgReduceAs<uint64_t>(ctx, *x, axis, sign);
    default: return BadInput(ctx.op_type(), " does not take elements of type ", NameOf(x->dtype()));
  }
}

Status InferArgReduce(InferContext& ctx) {
  const Dims* x = ctx.input_shape(0);
  if (x == nullptr) {
    ctx.set_output_type(0, Type::TensorOf(DType::kInt64));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), static_cast<int>(x->size())));
  Dims out = *x;
  if (ctx.attributes().Int("keepdims", 1) != 0) {
    out[static_cast<size_t>(axis)] = 1;
  } else {
    out.erase(out.begin() + axis);
  }
  ctx.set_output_type(0, Type::TensorOf(DType::kInt64, std::move(out)));
  return OkStatus();
}

}  // namespace samoyed::ops
