// Shape rules that many operators share.
#ifndef SAMOYED_OPS_COMMON_INFER_H_
#define SAMOYED_OPS_COMMON_INFER_H_

#include "ops/context.h"

namespace samoyed::ops {

// Output 0 has the type and shape of input 0.
Status InferSameAsInput(InferContext& ctx);

// Output 0 has input 0's element type and the shape that all inputs broadcast to (numpy's rule).
Status InferBroadcast(InferContext& ctx);
// The same with another element type (comparisons: bool).
Status InferBroadcastAs(InferContext& ctx, DType dtype);

// Binary operators, whose version 1 (and 6) broadcasts input 1 to input 0's shape, and comparisons of this kind.
Status InferBinary(InferContext& ctx);
Status InferCompare(InferContext& ctx);
// Output 0 is bool and has the shape of input 0.
Status InferTest(InferContext& ctx);

// What two symbolic shapes broadcast to; an error where numbers contradict each other.
Result<Dims> BroadcastDims(const Dims& a, const Dims& b);

// The more precise of two dimensions that must be equal; an error where they cannot be.
Result<Dim> MergeDim(const Dim& a, const Dim& b);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_INFER_H_
