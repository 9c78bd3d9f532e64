// The activations that ONNX Runtime's optimiser fuses with a bias: Gelu, BiasGelu, FastGelu, QuickGelu.
#ifndef SAMOYED_OPS_MICROSOFT_GELU_H_
#define SAMOYED_OPS_MICROSOFT_GELU_H_

#include "ops/common/epilogue.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"

namespace samoyed::ops {

// Output 0 = fn(input 0 + bias), where the bias (input 1) may be absent and broadcasts to input 0; rounded once.
Status RunBiasActivation(KernelContext& ctx, FunctionRef<double(double)> fn);
// Output 0 is like input 0.
inline constexpr SchemaParam kUnaryInputs[] = {Param("X", "T")};
inline constexpr SchemaParam kUnaryOutputs[] = {Param("Y", "T")};

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_MICROSOFT_GELU_H_
