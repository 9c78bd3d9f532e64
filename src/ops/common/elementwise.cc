#include "ops/common/elementwise.h"

#include <algorithm>
#include <vector>

#include "base/interrupt.h"

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

// Loads the run of an operand's last axis, spread over the run where the operand repeats there.
template <typename Wide>
void LoadRun(const Tensor& t, int64_t at, bool repeats, std::vector<Wide>& out) {
  Load(t, at, repeats ? 1 : static_cast<int64_t>(out.size()), out.data());
  if (repeats) std::fill(out.begin(), out.end(), out[0]);
}

bool Repeats(const Shape& strides) { return strides.rank() == 0 || strides.back() == 0; }

// out = fn(a, b), broadcast to `shape`, which is out's.
template <typename Wide, typename Out, typename Fn>
void ForBinaryRuns(const Tensor& a, const Tensor& b, const Shape& shape, Fn fn, Tensor& out) {
  const Shape strides[] = {BroadcastStrides(a.shape(), shape), BroadcastStrides(b.shape(), shape)};
  const auto n = static_cast<size_t>(shape.rank() == 0 ? 1 : shape.back());
  std::vector<Wide> x(n), y(n);
  std::vector<Out> z(n);
  ForEachRow(shape, strides, [&](int64_t at, std::span<const int64_t> from) {
    LoadRun(a, from[0], Repeats(strides[0]), x);
    LoadRun(b, from[1], Repeats(strides[1]), y);
    for (size_t i = 0; i < n; ++i) z[i] = static_cast<Out>(fn(x[i], y[i]));
    Store(out, at, static_cast<int64_t>(n), z.data());
  });
}

template <typename Wide, typename Fn>
Status BinaryAs(KernelContext& ctx, const Tensor& a, const Tensor& b, Fn fn) {
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a.shape(), b.shape()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, a.dtype(), shape);
  ForBinaryRuns<Wide, Wide>(a, b, shape, fn, *out);
  return OkStatus();
}

template <typename Wide, typename Fn>
Status CompareAs(KernelContext& ctx, const Tensor& a, const Tensor& b, Fn fn) {
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a.shape(), b.shape()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kBool, shape);
  ForBinaryRuns<Wide, uint64_t>(a, b, shape, fn, *out);
  return OkStatus();
}

Status CompareStrings(KernelContext& ctx, const Tensor& a, const Tensor& b, bool (*fn)(const std::string&, const std::string&)) {
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(a.shape(), b.shape()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kBool, shape);
  const Shape strides[] = {BroadcastStrides(a.shape(), shape), BroadcastStrides(b.shape(), shape)};
  const int64_t n = shape.rank() == 0 ? 1 : shape.back();
  const int64_t step_a = Repeats(strides[0]) ? 0 : 1, step_b = Repeats(strides[1]) ? 0 : 1;
  ForEachRow(shape, strides, [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < n; ++i) {
      const std::string& x = a.strings()[static_cast<size_t>(from[0] + i * step_a)];
      const std::string& y = b.strings()[static_cast<size_t>(from[1] + i * step_b)];
      out->mutable_data<uint8_t>()[at + i] = fn(x, y) ? 1 : 0;
    }
  });
  return OkStatus();
}

template <typename Wide, typename Fn>
Status FoldAs(KernelContext& ctx, std::span<const Tensor* const> inputs, Fn fn, bool mean) {
  Shape shape;
  for (const Tensor* t : inputs) {
    SAMOYED_ASSIGN_OR_RETURN(shape, BroadcastShapes(shape, t->shape()));
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, inputs[0]->dtype(), shape);
  std::vector<Shape> strides;
  for (const Tensor* t : inputs) strides.push_back(BroadcastStrides(t->shape(), shape));
  const auto n = static_cast<size_t>(shape.rank() == 0 ? 1 : shape.back());
  std::vector<Wide> x(n), y(n);
  ForEachRow(shape, strides, [&](int64_t at, std::span<const int64_t> from) {
    LoadRun(*inputs[0], from[0], Repeats(strides[0]), x);
    for (size_t k = 1; k < inputs.size(); ++k) {
      LoadRun(*inputs[k], from[k], Repeats(strides[k]), y);
      for (size_t i = 0; i < n; ++i) x[i] = static_cast<Wide>(fn(x[i], y[i]));
    }
    if (mean) {
      for (Wide& v : x) v /= static_cast<Wide>(inputs.size());
    }
    Store(*out, at, static_cast<int64_t>(n), x.data());
  });
  return OkStatus();
}

// Both operands of a binary operator, b in a shape that broadcasts.
struct Operands {
  Tensor a, b;
};
Result<Operands> BinaryOperands(const KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, 1));
  if (a->dtype() != b->dtype()) {
    return BadInput(ctx.op_type(), " needs two inputs of one type, got ", NameOf(a->dtype()), " and ", NameOf(b->dtype()));
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor aligned, BroadcastOperand(ctx, *a, *b));
  return Operands{*a, std::move(aligned)};
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
    if (((at ^ (at - length)) >> 20) != 0 && !PollInterrupt().ok()) return;  // about once in a million elements; the result is thrown away
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

Status RunUnaryFloat(KernelContext& ctx, FunctionRef<double(double)> fn) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (!IsFloat(in->dtype())) return NoKernelFor(ctx, in->dtype());
  return UnaryAs<double>(ctx, *in, fn);
}

Status RunFloatTest(KernelContext& ctx, FunctionRef<bool(double)> fn) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (!IsFloat(in->dtype())) return NoKernelFor(ctx, in->dtype());
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kBool, in->shape());
  double chunk[kChunk];
  for (int64_t begin = 0; begin < in->size(); begin += kChunk) {
    const int64_t n = std::min(kChunk, in->size() - begin);
    Load(*in, begin, n, chunk);
    for (int64_t i = 0; i < n; ++i) out->mutable_data<uint8_t>()[begin + i] = fn(chunk[i]) ? 1 : 0;
  }
  return OkStatus();
}

Result<Tensor> BroadcastOperand(const NodeContext& ctx, const Tensor& a, const Tensor& b) {
  if (ctx.since_version() >= 7) return b;
  if (ctx.attributes().Int("broadcast") == 0) {
    if (a.shape() == b.shape()) return b;
    return BadInput(ctx.op_type(), " without broadcast=1 needs equal shapes, got ", a.shape().ToString(), " and ", b.shape().ToString());
  }
  Shape shape = b.shape();
  if (ctx.attributes().Has("axis") && b.rank() > 0) {
    const int64_t given = ctx.attributes().Int("axis");
    const int64_t axis = given < 0 ? given + a.rank() : given;
    if (axis < 0 || axis > a.rank() - b.rank()) {
      return BadInput(ctx.op_type(), ": a tensor of shape ", shape.ToString(), " does not fit into ", a.shape().ToString(), " at axis ",
                      given);
    }
    for (int64_t i = axis + b.rank(); i < a.rank(); ++i) shape.push_back(1);
  }
  const auto joint = BroadcastShapes(a.shape(), shape);
  if (!joint.ok() || !(*joint == a.shape())) {
    return BadInput(ctx.op_type(), ": ", b.shape().ToString(), " does not broadcast to ", a.shape().ToString());
  }
  return b.Reshaped(std::move(shape));
}

Status RunBinary(KernelContext& ctx, const BinaryFns& fns) {
  SAMOYED_ASSIGN_OR_RETURN(const Operands in, BinaryOperands(ctx));
  switch (ClassOf(in.a.dtype())) {
    case DTypeClass::kFloat:
      if (fns.on_float) return BinaryAs<double>(ctx, in.a, in.b, fns.on_float);
      break;
    case DTypeClass::kSigned:
      if (fns.on_signed) return BinaryAs<int64_t>(ctx, in.a, in.b, fns.on_signed);
      break;
    case DTypeClass::kUnsigned:
      if (fns.on_unsigned) return BinaryAs<uint64_t>(ctx, in.a, in.b, fns.on_unsigned);
      break;
    case DTypeClass::kBool:
      if (fns.on_bool) return BinaryAs<uint64_t>(ctx, in.a, in.b, [&](uint64_t x, uint64_t y) { return fns.on_bool(x != 0, y != 0); });
      break;
    case DTypeClass::kComplex:
      if (fns.on_complex) return BinaryAs<Complex>(ctx, in.a, in.b, fns.on_complex);
      break;
    default:
      break;
  }
  return NoKernelFor(ctx, in.a.dtype());
}

Status RunCompare(KernelContext& ctx, const CompareFns& fns) {
  SAMOYED_ASSIGN_OR_RETURN(const Operands in, BinaryOperands(ctx));
  switch (ClassOf(in.a.dtype())) {
    case DTypeClass::kFloat:
      if (fns.on_float) return CompareAs<double>(ctx, in.a, in.b, fns.on_float);
      break;
    case DTypeClass::kSigned:
      if (fns.on_signed) return CompareAs<int64_t>(ctx, in.a, in.b, fns.on_signed);
      break;
    case DTypeClass::kUnsigned:
      if (fns.on_unsigned) return CompareAs<uint64_t>(ctx, in.a, in.b, fns.on_unsigned);
      break;
    case DTypeClass::kBool:
      if (fns.on_bool) return CompareAs<uint64_t>(ctx, in.a, in.b, [&](uint64_t x, uint64_t y) { return fns.on_bool(x != 0, y != 0); });
      break;
    case DTypeClass::kString:
      if (fns.on_string) return CompareStrings(ctx, in.a, in.b, fns.on_string);
      break;
    default:
      break;
  }
  return NoKernelFor(ctx, in.a.dtype());
}

Status RunVariadic(KernelContext& ctx, const BinaryFns& fns, bool mean) {
  std::vector<const Tensor*> inputs;
  for (int i = 0; i < std::max(ctx.num_inputs(), 1); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, i));
    if (!inputs.empty() && t->dtype() != inputs[0]->dtype()) {
      return BadInput(ctx.op_type(), " needs inputs of one type, got ", NameOf(inputs[0]->dtype()), " and ", NameOf(t->dtype()));
    }
    inputs.push_back(t);
  }
  switch (ClassOf(inputs[0]->dtype())) {
    case DTypeClass::kFloat:
      if (fns.on_float) return FoldAs<double>(ctx, inputs, fns.on_float, mean);
      break;
    case DTypeClass::kSigned:
      if (fns.on_signed) return FoldAs<int64_t>(ctx, inputs, fns.on_signed, mean);
      break;
    case DTypeClass::kUnsigned:
      if (fns.on_unsigned) return FoldAs<uint64_t>(ctx, inputs, fns.on_unsigned, mean);
      break;
    default:
      break;
  }
  return NoKernelFor(ctx, inputs[0]->dtype());
}

}  // namespace samoyed::ops
