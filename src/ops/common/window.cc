#include "ops/common/window.h"

#include <cmath>
#include <numbers>

#include "ops/common/args.h"
#include "tensor/convert.h"

namespace samoyed::ops {

Status RunWindow(KernelContext& ctx, double a0, double a1, double a2) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* given, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const int64_t size, ReadInt(*given, "the window's size"));
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, DTypeAttribute(ctx, "output_datatype", DType::kFloat));
  if (!IsFloat(dtype) && !IsInteger(dtype)) return BadInput(ctx.op_type(), " does not make elements of type ", NameOf(dtype));
  if (size < 0) return BadInput(ctx.op_type(), ": a size of ", size);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, Shape({size}));
  const bool periodic = ctx.attributes().Int("periodic", 1) != 0;
  // Of one symmetric point the definition's 0 / 0 is a NaN.
  const auto n = static_cast<double>(periodic ? size : size - 1);
  for (int64_t i = 0; i < size; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / n;
    double value = a0 - a1 * std::cos(angle) + a2 * std::cos(2 * angle);
    // A peak that rounding leaves just below 1 is the integer 1; the definition computes in float.
    if (IsInteger(dtype)) value = static_cast<float>(value);
    Store(*out, i, 1, &value);
  }
  return OkStatus();
}

Status InferWindow(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, DTypeAttribute(ctx, "output_datatype", DType::kFloat));
  const auto size = InferInt(ctx, 0);
  if (size && *size < 0) return BadInput(ctx.op_type(), ": a size of ", *size);
  ctx.set_output_type(0, Type::TensorOf(dtype, Dims{size ? Dim(*size) : Dim()}));
  return OkStatus();
}

}  // namespace samoyed::ops
