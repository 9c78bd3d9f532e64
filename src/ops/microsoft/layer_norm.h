// Layer normalisation as ONNX Runtime's fused operators have it: over the last axis, of a sum.
#ifndef SAMOYED_OPS_MICROSOFT_LAYER_NORM_H_
#define SAMOYED_OPS_MICROSOFT_LAYER_NORM_H_

#include <vector>

#include "ops/common/schema_parts.h"
#include "ops/op.h"

namespace samoyed::ops {

// Normalises rows of n elements: scale (x - mean) / sqrt(variance + epsilon) + bias; "simplified": the mean is taken as 0
// (B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization", 2019). `scale` and `bias` have n elements or none.
struct RowNorm {
  bool simplified = false;
  double epsilon = 1e-5;
  std::vector<double> scale, bias;

  struct Statistics {
    double mean, inverse;  // inverse standard deviation
  };
  Statistics Apply(double* row, int64_t n) const;
};

// A parameter of `n` elements; none where the input is absent.
Result<std::vector<double>> RowParameter(const KernelContext& ctx, int i, int64_t n, std::string_view what);

// Inputs x, skip (broadcast to x), scale, then beta unless simplified, then bias; outputs the norm of x + skip + bias, its mean, its
// inverse standard deviation, and the sum.
Status RunSkipNorm(KernelContext& ctx, bool simplified);
Status InferSkipNorm(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_MICROSOFT_LAYER_NORM_H_
