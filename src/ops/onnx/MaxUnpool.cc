// MaxUnpool: each element of X goes to the place in a tensor of zeros that its index names; the inverse of MaxPool in so far as
// there is one. Indices count in the shape that kernel, strides and pads imply; where output_shape asks for a larger one, that
// tensor fills its front corner. https://onnx.ai/onnx/operators/onnx__MaxUnpool.html
#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/sliding_window.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// The size before pooling; an error where there is none. All parts are below 2^31 but `in`.
Result<int64_t> SizeBefore(const ops::WindowAttributes& a, int axis, int64_t in) {
  const auto i = static_cast<size_t>(axis);
  const auto span = CheckedMul(in - 1, a.strides[i]);
  const auto size = span ? CheckedAdd(*span, a.kernel[i] - a.pads[i] - a.pads[i + a.kernel.size()]) : std::nullopt;
  if (!size || *size < 0)
    return BadInput("MaxUnpool: no input of MaxPool has ", in, " windows of ", a.kernel[i], " elements with these strides and pads");
  return *size;
}

Status RunMaxUnpool(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, 1));
  if (x->rank() < 3) return BadInput("MaxUnpool needs an input [N, C, spatial...], got shape ", x->shape().ToString());
  if (indices->dtype() != DType::kInt64 || indices->shape() != x->shape()) {
    return BadInput("MaxUnpool: indices must be int64", x->shape().ToString(), ", got ", NameOf(indices->dtype()),
                    indices->shape().ToString());
  }
  SAMOYED_ASSIGN_OR_RETURN(const ops::WindowAttributes window, ops::ReadWindow(ctx, x->rank() - 2));
  Shape implied{x->dim(0), x->dim(1)};
  for (int axis = 0; axis < window.rank(); ++axis) {
    SAMOYED_ASSIGN_OR_RETURN(const int64_t size, SizeBefore(window, axis, x->dim(axis + 2)));
    implied.push_back(size);
  }
  SAMOYED_ASSIGN_OR_RETURN(const int64_t places, implied.CheckedNumElements());
  Shape shape = implied;
  if (const Tensor* wanted = ctx.num_inputs() > 2 ? ctx.input(2) : nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(const ops::Ints sizes, ops::ReadInts(*wanted, "MaxUnpool's output_shape"));
    bool fits = static_cast<int>(sizes.size()) == x->rank();
    for (int axis = 0; fits && axis < x->rank(); ++axis) fits = sizes[static_cast<size_t>(axis)] >= implied[axis];
    if (!fits) return BadInput("MaxUnpool: output_shape ", Shape(sizes).ToString(), " has no room for ", implied.ToString());
    shape = Shape(sizes);
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), shape);
  ops::ZeroElements(*y, 0, y->size());
  const Shape strides = RowMajorStrides(shape);
  for (int64_t i = 0; i < x->size(); ++i) {
    const int64_t index = indices->data<int64_t>()[i];
    if (index < 0 || index >= places) return BadInput("MaxUnpool: index ", index, " is outside a tensor ", implied.ToString());
    int64_t at = 0, rest = index;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      at += rest % implied[axis] * strides[axis];
      rest /= implied[axis];
    }
    ops::CopyElements(*x, i, *y, at, 1);
  }
  return OkStatus();
}

Status InferMaxUnpool(InferContext& ctx) {
  const Type* x = ctx.tensor_type(0);
  if (x == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(x->dtype));
  if (!x->shape) return OkStatus();
  const int rank = x->rank();
  if (rank < 3) return BadInput("MaxUnpool needs an input [N, C, spatial...], got rank ", rank);
  SAMOYED_ASSIGN_OR_RETURN(const ops::WindowAttributes window, ops::ReadWindow(ctx, rank - 2));
  Dims dims = ops::UnknownDims(rank);
  if (ctx.num_inputs() > 2) {
    Dims sizes;
    if (ctx.input_dims(2, &sizes)) {
      if (static_cast<int>(sizes.size()) != rank)
        return BadInput("MaxUnpool: output_shape has ", sizes.size(), " sizes for an input of rank ", rank);
      dims = std::move(sizes);
    }
  } else {
    dims[0] = (*x->shape)[0];
    dims[1] = (*x->shape)[1];
    for (int axis = 0; axis < window.rank(); ++axis) {
      const Dim& in = (*x->shape)[static_cast<size_t>(axis) + 2];
      if (!in.known()) continue;
      SAMOYED_ASSIGN_OR_RETURN(const int64_t size, SizeBefore(window, axis, in.value));
      dims[static_cast<size_t>(axis) + 2] = size;
    }
  }
  ctx.set_output_type(0, Type::TensorOf(x->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_MaxUnpool = {.infer = InferMaxUnpool, .run = RunMaxUnpool};

}  // namespace samoyed
