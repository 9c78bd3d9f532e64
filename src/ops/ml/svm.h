// Support vector machines: the kernels, for SVMClassifier and SVMRegressor.
#ifndef SAMOYED_OPS_ML_SVM_H_
#define SAMOYED_OPS_ML_SVM_H_

#include "ops/ml/ml.h"

namespace samoyed::ops {

// k(a, b) of `width` features each.
class SvmKernel {
 public:
  // From the attributes kernel_type and kernel_params (gamma, coef0, degree).
  static Result<SvmKernel> Make(const NodeContext& ctx);
  static SvmKernel Linear() { return {}; }
  double operator()(const double* a, const float* b, int64_t width) const;

 private:
  enum class Kind : uint8_t { kLinear, kPoly, kRbf, kSigmoid };
  Kind kind_ = Kind::kLinear;
  double gamma_ = 0, coef0_ = 0, degree_ = 0;
};

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_ML_SVM_H_
