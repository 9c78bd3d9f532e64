#include "ops/common/softmax.h"

#include "ops/common/infer.h"
#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

int64_t DefaultAxis(const NodeContext& ctx) { return ctx.since_version() < 13 ? 1 : -1; }

}  // namespace

Status RunAlongAxis(KernelContext& ctx, FunctionRef<void(const AxisLine&)> line) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsFloat(x->dtype())) return BadInput(ctx.op_type(), " does not take elements of type ", NameOf(x->dtype()));
  const Shape& shape = x->shape();
  const bool flattened = ctx.since_version() < 13;
  const int64_t wanted = ctx.attributes().Int("axis", DefaultAxis(ctx));
  int axis = flattened && wanted == shape.rank() ? shape.rank() : 0;  // the flattened form may leave nothing to the right
  if (axis == 0 && shape.rank() > 0) {
    SAMOYED_ASSIGN_OR_RETURN(axis, NormalizeAxis(wanted, shape.rank()));
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), shape);
  std::vector<double> values = LoadAll<double>(*x);
  const int64_t outer = shape.Product(0, axis);
  const int64_t n = flattened || shape.rank() == 0 ? shape.Product(axis, shape.rank()) : shape[axis];
  const int64_t step = flattened || shape.rank() == 0 ? 1 : shape.Product(axis + 1, shape.rank());
  for (int64_t i = 0; i < outer && n > 0; ++i) {
    for (int64_t k = 0; k < step; ++k) line({values.data() + i * n * step + k, n, step, x->dtype()});
  }
  StoreAll(*y, values);
  return OkStatus();
}

Status InferAlongAxis(InferContext& ctx) {
  if (const Dims* shape = ctx.input_shape(0); shape != nullptr && !shape->empty()) {
    const auto rank = static_cast<int>(shape->size());
    const int64_t axis = ctx.attributes().Int("axis", DefaultAxis(ctx));
    if (!(ctx.since_version() < 13 && axis == rank)) SAMOYED_RETURN_IF_ERROR(NormalizeAxis(axis, rank).status());
  }
  return InferSameAsInput(ctx);
}

}  // namespace samoyed::ops
