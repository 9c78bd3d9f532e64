// Flatten: a matrix of the axes before `axis` times the rest. https://onnx.ai/onnx/operators/onnx__Flatten.html
#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// `axis` may be the rank itself: all dimensions go into the rows.
Result<int> SplitAxis(const NodeContext& ctx, int rank) {
  const int64_t axis = ctx.attributes().Int("axis", 1);
  if (axis < -rank || axis > rank) return BadInput("Flatten: axis ", axis, " is outside [", -rank, ", ", rank, "]");
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Status RunFlatten(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, SplitAxis(ctx, in->rank()));
  // An empty tensor can have a side that does not fit into 63 bits.
  int64_t sides[2] = {1, 1};
  for (int i = 0; i < in->rank(); ++i) {
    const auto product = CheckedMul(sides[i < axis ? 0 : 1], in->dim(i));
    if (!product) return LimitExceeded("Flatten of ", in->shape().ToString(), ": a side has more than 2^63 elements");
    sides[i < axis ? 0 : 1] = *product;
  }
  ctx.set_output(0, in->Reshaped({sides[0], sides[1]}));
  return OkStatus();
}

Dim ProductOf(const Dims& dims, size_t begin, size_t end) {
  if (end - begin == 1) return dims[begin];
  Dim product(1);
  for (size_t i = begin; i < end; ++i) {
    if (dims[i].known() && dims[i].value == 0) return Dim(0);
    if (dims[i].known() && dims[i].value == 1) continue;
    if (product.known() && product.value == 1) {
      product = dims[i];
      continue;
    }
    const auto next = product.known() && dims[i].known() ? CheckedMul(product.value, dims[i].value) : std::nullopt;
    if (!next) return Dim();
    product = Dim(*next);
  }
  return product;
}

Status InferFlatten(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  if (!in->shape) {
    ctx.set_output_type(0, Type::TensorOf(in->dtype, ops::UnknownDims(2)));
    return OkStatus();
  }
  SAMOYED_ASSIGN_OR_RETURN(const int axis, SplitAxis(ctx, in->rank()));
  const auto at = static_cast<size_t>(axis);
  ctx.set_output_type(0, Type::TensorOf(in->dtype, Dims{ProductOf(*in->shape, 0, at), ProductOf(*in->shape, at, in->shape->size())}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Flatten = {.infer = InferFlatten, .run = RunFlatten, .facts = {.view = true}};

}  // namespace samoyed
