// Pow: x to the power of y, of x's type; the exponent may have a type of its own. https://onnx.ai/onnx/operators/onnx__Pow.html
#include <cmath>

#include "base/checked.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// Integers to integer powers, wrapping; a negative power of anything but 1 and -1 is 0 (1 / 0 stays 0, too).
int64_t IntegerPower(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
  int64_t result = 1;
  for (; exponent > 0; exponent /= 2, base = WrapMul(base, base)) {
    if (exponent % 2 != 0) result = WrapMul(result, base);
  }
  return result;
}

template <typename Wide, typename Exponent, typename Fn>
Status PowAs(const Tensor& x, const Tensor& y, const Shape& shape, Tensor& out, Fn fn) {
  const std::vector<Wide> base = LoadAll<Wide>(x);
  const std::vector<Exponent> exponent = LoadAll<Exponent>(y);
  std::vector<Wide> result(static_cast<size_t>(out.size()));
  const Shape strides[] = {ops::BroadcastStrides(x.shape(), shape), ops::BroadcastStrides(y.shape(), shape)};
  const int last = shape.rank() - 1;
  const int64_t n = last < 0 ? 1 : shape.back(), sx = last < 0 ? 0 : strides[0][last], sy = last < 0 ? 0 : strides[1][last];
  ops::ForEachRow(shape, strides, [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < n; ++i) {
      result[static_cast<size_t>(at + i)] = fn(base[static_cast<size_t>(from[0] + i * sx)], exponent[static_cast<size_t>(from[1] + i * sy)]);
    }
  });
  StoreAll(out, result);
  return OkStatus();
}

Status RunPow(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* raw_y, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor y, ops::BroadcastOperand(ctx, *x, *raw_y));
  if (!IsFloat(x->dtype()) && !IsInteger(x->dtype())) return BadInput("Pow does not take elements of type ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const Shape shape, BroadcastShapes(x->shape(), y.shape()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x->dtype(), shape);
  if (IsInteger(x->dtype()) && IsInteger(y.dtype())) return PowAs<int64_t, int64_t>(*x, y, shape, *out, IntegerPower);
  return PowAs<double, double>(*x, y, shape, *out, [](double a, double b) { return std::pow(a, b); });
}

}  // namespace

extern const OpDef kOp_onnx_Pow = {.infer = ops::InferBinary, .run = RunPow, .facts = {.elementwise = true}};

}  // namespace samoyed
