#include "ops/common/elementwise.h"

#include <algorithm>
#include <vector>

namespace samoyed::ops {
namespace {

constexpr int64_t kChunk = 256;

Status NoKernelFor(const NodeContext& ctx, DType dtype) {
  return BadInput(ctx.op_type(), " does not take elements of type ", NameOf(dtype));
}

template <typename Wide, typename Fn>
Status UnaryAs(KernelContext& ctx, const Tensor& in, Fn fn) {
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in.dtype(), in.shape());
  Wide chunk[kChunk];
  for (int64_t begin = 0; begin < in.size(); begin += kChunk) {
    const int64_t n = std::min(kChunk, in.size() - begin);
    Load(in, begin, n, chunk);
    for (int64_t i = 0; i < n; ++i) chunk[i] = static_cast<Wide>(fn(chunk[i]));
    Store(*out, begin, n, chunk);
  }
  return OkStatus();
}

template <typename Wide, typename Fn>
Status BinaryAs(KernelContext& ctx, const Tensor& a, const Tensor& b, Fn fn) {
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a.shape(), b.shape()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, a.dtype(), shape);
  const Shape strides[] = {BroadcastStrides(a.shape(), shape), BroadcastStrides(b.shape(), shape)};
  const int64_t n = shape.rank() == 0 ? 1 : shape.back();
  const bool a_runs = shape.rank() > 0 && strides[0].back() != 0;
  const bool b_runs = shape.rank() > 0 && strides[1].back() != 0;
  std::vector<Wide> x(static_cast<size_t>(n)), y(static_cast<size_t>(n));
  ForEachRow(shape, strides, [&](int64_t at, std::span<const int64_t> from) {
    Load(a, from[0], a_runs ? n : 1, x.data());
    Load(b, from[1], b_runs ? n : 1, y.data());
    if (!a_runs) std::fill(x.begin(), x.end(), x[0]);
    if (!b_runs) std::fill(y.begin(), y.end(), y[0]);
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<Wide>(fn(x[i], y[i]));
    Store(*out, at, n, x.data());
  });
  return OkStatus();
}

}  // namespace

Shape BroadcastStrides(const Shape& shape, const Shape& out) {
  const Shape own = RowMajorStrides(shape);
  Shape strides = out;
  const int offset = out.rank() - shape.rank();
  for (int i = 0; i < out.rank(); ++i) strides[i] = i < offset || shape[i - offset] == 1 ? 0 : own[i - offset];
  return strides;
}

void ForEachRow(const Shape& out, std::span<const Shape> strides, FunctionRef<void(int64_t, std::span<const int64_t>)> row) {
  if (out.NumElements() == 0) return;
  std::vector<int64_t> offsets(strides.size(), 0);
  const int outer = out.rank() - 1;
  Shape index = out;
  for (int i = 0; i < out.rank(); ++i) index[i] = 0;
  const int64_t length = out.rank() == 0 ? 1 : out.back();
  for (int64_t at = 0;; at += length) {
    row(at, offsets);
    int axis = outer - 1;  // the odometer: advance the innermost outer axis that has room
    for (; axis >= 0; --axis) {
      for (size_t k = 0; k < strides.size(); ++k) offsets[k] += strides[k][axis];
      if (++index[axis] < out[axis]) break;
      for (size_t k = 0; k < strides.size(); ++k) offsets[k] -= strides[k][axis] * out[axis];
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

Status RunUnary(KernelContext& ctx, const UnaryFns& fns) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  const Attributes& attributes = ctx.attributes();
  switch (ClassOf(in->dtype())) {
    case DTypeClass::kFloat:
      if (fns.on_float) return UnaryAs<double>(ctx, *in, [&](double x) { return fns.on_float(x, attributes); });
      break;
    case DTypeClass::kSigned:
      if (fns.on_signed) return UnaryAs<int64_t>(ctx, *in, [&](int64_t x) { return fns.on_signed(x, attributes); });
      break;
    case DTypeClass::kUnsigned:
      if (fns.on_unsigned) return UnaryAs<uint64_t>(ctx, *in, [&](uint64_t x) { return fns.on_unsigned(x, attributes); });
      break;
    case DTypeClass::kBool:
      if (fns.on_bool) return UnaryAs<uint64_t>(ctx, *in, [&](uint64_t x) { return fns.on_bool(x != 0, attributes); });
      break;
    default:
      break;
  }
  return NoKernelFor(ctx, in->dtype());
}

Status RunBinary(KernelContext& ctx, const BinaryFns& fns) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
  if (a->dtype() != b->dtype()) {
    return BadInput(ctx.op_type(), " needs two inputs of one type, got ", NameOf(a->dtype()), " and ", NameOf(b->dtype()));
  }
  switch (ClassOf(a->dtype())) {
    case DTypeClass::kFloat:
      if (fns.on_float) return BinaryAs<double>(ctx, *a, *b, fns.on_float);
      break;
    case DTypeClass::kSigned:
      if (fns.on_signed) return BinaryAs<int64_t>(ctx, *a, *b, fns.on_signed);
      break;
    case DTypeClass::kUnsigned:
      if (fns.on_unsigned) return BinaryAs<uint64_t>(ctx, *a, *b, fns.on_unsigned);
      break;
    case DTypeClass::kBool:
      if (fns.on_bool) return BinaryAs<uint64_t>(ctx, *a, *b, [&](uint64_t x, uint64_t y) { return fns.on_bool(x != 0, y != 0); });
      break;
    case DTypeClass::kComplex:
      if (fns.on_complex) return BinaryAs<Complex>(ctx, *a, *b, fns.on_complex);
      break;
    default:
      break;
  }
  return NoKernelFor(ctx, a->dtype());
}

}  // namespace samoyed::ops
