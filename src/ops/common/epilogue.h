// What fused nodes do to a result before it is stored, in its plain form: y = activation(x + residual).
#ifndef SAMOYED_OPS_COMMON_EPILOGUE_H_
#define SAMOYED_OPS_COMMON_EPILOGUE_H_

#include "ops/op.h"

namespace samoyed::ops {

// f(x; alpha, beta) as the operator of that name defines it. alpha: LeakyRelu's and Elu's factor, HardSigmoid's slope,
// Clip's low bound; beta: HardSigmoid's offset, Clip's high bound. The others have no parameters.
double Activate(Activation activation, float alpha, float beta, double x);

// y = activation(y + residual), element by element; `residual` may be null, else it has y's type and shape.
// Only for real number types.
Status ApplyEpilogue(Tensor& y, Activation activation, float alpha, float beta, const Tensor* residual);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_EPILOGUE_H_
