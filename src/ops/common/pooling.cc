#include "ops/common/pooling.h"

#include <algorithm>

#include "tensor/convert.h"

namespace samoyed::ops {

WindowRows::WindowRows(const std::vector<WindowAxis>& windows)
    : windows_(windows), in_strides_(windows.size()), out_index_(windows.size()), tap_(windows.size()), range_(windows.size()) {
  for (size_t i = windows.size(); i-- > 0;) {
    in_strides_[i] = in_size_;
    in_size_ *= windows[i].in;
    out_size_ *= windows[i].out;
  }
}

void WindowRows::ForOutput(int64_t o, FunctionRef<void(int64_t, int64_t, int64_t)> row) {
  for (size_t i = windows_.size(); i-- > 0;) {
    out_index_[i] = o % windows_[i].out;
    o /= windows_[i].out;
    range_[i] = windows_[i].TapsInside(out_index_[i]);
    if (range_[i].first >= range_[i].last) return;
    tap_[i] = range_[i].first;
  }
  const size_t last = windows_.size() - 1;
  for (;;) {
    int64_t start = 0;
    for (size_t i = 0; i <= last; ++i) start += (windows_[i].Start(out_index_[i]) + tap_[i] * windows_[i].dilation) * in_strides_[i];
    row(start, windows_[last].dilation, range_[last].last - range_[last].first);
    size_t axis = last;
    for (; axis > 0; --axis) {
      if (++tap_[axis - 1] < range_[axis - 1].last) break;
      tap_[axis - 1] = range_[axis - 1].first;
    }
    if (axis == 0) return;
  }
}

int64_t WindowRows::CountPadded(int64_t o) const {
  int64_t count = 1;
  for (size_t i = windows_.size(); i-- > 0;) {
    const WindowAxis& w = windows_[i];
    // A window may reach behind the padding only in ceil mode; those elements do not exist.
    const int64_t room = w.in + w.pad_end - w.Start(o % w.out);
    count *= std::clamp<int64_t>((room + w.dilation - 1) / w.dilation, 1, w.kernel);
    o /= w.out;
  }
  return count;
}

Status RunPool(KernelContext& ctx, FunctionRef<void(WindowRows& rows, const std::vector<double>& x, std::vector<double>& y)> plane) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->rank() < 3) return BadInput(ctx.op_type(), " needs an input [N, C, spatial...], got shape ", x->shape().ToString());
  SAMOYED_ASSIGN_OR_RETURN(const WindowAttributes attributes, ReadWindow(ctx, x->rank() - 2));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<WindowAxis> windows, PlaceWindows(attributes, x->shape()));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), OutputShape(x->dim(0), x->dim(1), windows));
  WindowRows rows(windows);
  std::vector<double> in(static_cast<size_t>(rows.in_size())), out(static_cast<size_t>(rows.out_size()));
  for (int64_t i = 0; i < x->dim(0) * x->dim(1); ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    Load(*x, i * rows.in_size(), rows.in_size(), in.data());
    plane(rows, in, out);
    Store(*y, i * rows.out_size(), rows.out_size(), out.data());
  }
  return OkStatus();
}

Status RunGlobalPool(KernelContext& ctx, FunctionRef<double(const std::vector<double>& x)> value) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->rank() < 2) return BadInput(ctx.op_type(), " needs an input [N, C, spatial...], got shape ", x->shape().ToString());
  Shape shape = x->shape();
  for (int i = 2; i < shape.rank(); ++i) shape[i] = 1;
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), shape);
  const int64_t area = x->shape().Product(2, x->rank());
  std::vector<double> plane(static_cast<size_t>(area));
  for (int64_t i = 0; i < y->size(); ++i) {
    Load(*x, i * area, area, plane.data());
    const double v = value(plane);
    Store(*y, i, 1, &v);
  }
  return OkStatus();
}

Status InferPool(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(0);
  const bool has_indices = ctx.num_outputs() > 1 && ctx.wants_output(1);
  ctx.set_output_type(0, Type::TensorOf(dtype));
  if (has_indices) ctx.set_output_type(1, Type::TensorOf(DType::kInt64));
  const Dims* x = ctx.input_shape(0);
  if (x == nullptr) return OkStatus();
  if (x->size() < 3) return BadInput(ctx.op_type(), " needs an input [N, C, spatial...], got rank ", x->size());
  SAMOYED_ASSIGN_OR_RETURN(const WindowAttributes attributes, ReadWindow(ctx, static_cast<int>(x->size()) - 2));
  SAMOYED_ASSIGN_OR_RETURN(const Dims out, InferWindows(attributes, *x, (*x)[1]));
  ctx.set_output_type(0, Type::TensorOf(dtype, out));
  if (has_indices) ctx.set_output_type(1, Type::TensorOf(DType::kInt64, out));
  return OkStatus();
}

Status InferGlobalPool(InferContext& ctx) {
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0)));
  const Dims* x = ctx.input_shape(0);
  if (x == nullptr) return OkStatus();
  if (x->size() < 2) return BadInput(ctx.op_type(), " needs an input [N, C, spatial...], got rank ", x->size());
  Dims out = *x;
  for (size_t i = 2; i < out.size(); ++i) out[i] = 1;
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0), std::move(out)));
  return OkStatus();
}

double PoolFlops(const Attributes& attributes, std::span<const Shape>, std::span<const Shape> outputs) {
  double taps = 1;
  for (int64_t k : attributes.Ints("kernel_shape")) taps *= static_cast<double>(k);
  return outputs.empty() ? 0 : taps * static_cast<double>(outputs[0].NumElements());
}

double GlobalPoolFlops(const Attributes&, std::span<const Shape> inputs, std::span<const Shape>) {
  return inputs.empty() ? 0 : static_cast<double>(inputs[0].NumElements());
}

}  // namespace samoyed::ops
