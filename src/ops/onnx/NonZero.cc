// NonZero: the coordinates of all elements that are not zero (not empty, for strings), one column each, in row-major order.
// https://onnx.ai/onnx/operators/onnx__NonZero.html
#include <complex>

#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

std::vector<int64_t> PlacesOf(const Tensor& in) {
  std::vector<int64_t> places;
  for (int64_t i = 0; i < in.size(); ++i) {
    const bool set = in.dtype() == DType::kString ? !in.strings()[static_cast<size_t>(i)].empty() : At<std::complex<double>>(in, i) != 0.0;
    if (set) places.push_back(i);
  }
  return places;
}

Status RunNonZero(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  const std::vector<int64_t> places = PlacesOf(*in);
  const auto count = static_cast<int64_t>(places.size());
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kInt64, Shape({in->rank(), count}));
  const Shape strides = RowMajorStrides(in->shape());
  auto* to = out->mutable_data<int64_t>();
  for (int axis = 0; axis < in->rank(); ++axis) {
    for (int64_t place : places) *to++ = place / strides[axis] % in->dim(axis);
  }
  return OkStatus();
}

Status InferNonZero(InferContext& ctx) {
  const Dims* shape = ctx.input_shape(0);
  ctx.set_output_type(0, Type::TensorOf(DType::kInt64, Dims{shape != nullptr ? Dim(static_cast<int64_t>(shape->size())) : Dim(), Dim()}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_NonZero = {.infer = InferNonZero, .run = RunNonZero};

}  // namespace samoyed
