// Integer matrix products with a real result: MatMulIntegerToFloat, DynamicQuantizeMatMul.
#ifndef SAMOYED_OPS_MICROSOFT_QUANTIZED_MATMUL_H_
#define SAMOYED_OPS_MICROSOFT_QUANTIZED_MATMUL_H_

#include "ops/common/schema_parts.h"
#include "ops/op.h"

namespace samoyed::ops {

struct QuantizedMatMul {
  const Tensor* a = nullptr;  // quantised; scale and zero point: one number
  double a_scale = 1, a_zero = 0;
  const Tensor* b = nullptr;  // quantised; scale and zero point (may be null): one number, one a column, or a row of those for each matrix
  const Tensor* b_scale = nullptr;
  const Tensor* b_zero = nullptr;
  const Tensor* bias = nullptr;  // may be null; one a column
};
// Output 0, of type `dtype`: (a - a_zero) (b - b_zero) a_scale b_scale + bias.
Status RunQuantizedMatMul(KernelContext& ctx, const QuantizedMatMul& operands, DType dtype);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_MICROSOFT_QUANTIZED_MATMUL_H_
