// What the QLinear operators of com.microsoft share: dequantise, compute in real numbers, quantise.
// Facts: ONNX Runtime's ContribOperators document.
#ifndef SAMOYED_OPS_MICROSOFT_QLINEAR_H_
#define SAMOYED_OPS_MICROSOFT_QLINEAR_H_

#include "ops/common/quantize.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"

namespace samoyed::ops {

inline constexpr SchemaTypeConstraint kQuantizedT[] = {{"T", kByteTypes}};

// (A, A_scale, A_zero_point?, B, B_scale, B_zero_point?, C_scale, C_zero_point?) -> C
inline constexpr SchemaParam kQLinearBinaryInputs[] = {Param("A", "T"),
                                                       Param("A_scale", "tensor(float)"),
                                                       OptionalParam("A_zero_point", "T"),
                                                       Param("B", "T"),
                                                       Param("B_scale", "tensor(float)"),
                                                       OptionalParam("B_zero_point", "T"),
                                                       Param("C_scale", "tensor(float)"),
                                                       OptionalParam("C_zero_point", "T")};
inline constexpr SchemaParam kQLinearBinaryOutputs[] = {Param("C", "T")};
Status InferQLinearBinary(InferContext& ctx);
// In float32, a rounding an operation, so that integer kernels give the same bits. Sum: round_half_even((a - za) * (sa / sc) + (b - zb) *
// (sb / sc)) + zc. Product: ops::Requantize of (a - za) * (b - zb).
enum class QLinearBinary : uint8_t { kAdd, kMul };
Status RunQLinearBinary(KernelContext& ctx, QLinearBinary op);

// (X, X_scale, X_zero_point?, Y_scale, Y_zero_point?) -> Y
inline constexpr SchemaParam kQLinearUnaryInputs[] = {Param("X", "T"), Param("X_scale", "tensor(float)"),
                                                      OptionalParam("X_zero_point", "T"), Param("Y_scale", "tensor(float)"),
                                                      OptionalParam("Y_zero_point", "T")};
inline constexpr SchemaParam kQLinearUnaryOutputs[] = {Param("Y", "T")};
struct QLinearUnary {
  const Tensor* x;
  LinearQuantizer in, out;
};
// The operands of a unary operator, or an error.
Result<QLinearUnary> QLinearUnaryOperands(const KernelContext& ctx);
// Y = quantise(fn(dequantise(X))), element by element.
Status RunQLinearUnary(KernelContext& ctx, double (*fn)(double, const Attributes&));

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_MICROSOFT_QLINEAR_H_
