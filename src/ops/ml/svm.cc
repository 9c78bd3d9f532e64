#include "ops/ml/svm.h"

#include <cmath>

namespace samoyed::ops {

Result<SvmKernel> SvmKernel::Make(const NodeContext& ctx) {
  SvmKernel kernel;
  const std::string_view type = ctx.attributes().String("kernel_type", "LINEAR");
  if (type == "LINEAR")
    kernel.kind_ = Kind::kLinear;
  else if (type == "POLY")
    kernel.kind_ = Kind::kPoly;
  else if (type == "RBF")
    kernel.kind_ = Kind::kRbf;
  else if (type == "SIGMOID")
    kernel.kind_ = Kind::kSigmoid;
  else
    return BadInput(ctx.op_type(), ": kernel_type ", Quote(type), " is none of LINEAR, POLY, RBF, SIGMOID");
  const std::span<const float> params = ctx.attributes().Floats("kernel_params");
  if (params.empty()) return kernel;
  if (params.size() != 3)
    return BadInput(ctx.op_type(), ": kernel_params has ", params.size(), " elements; gamma, coef0 and degree are needed");
  kernel.gamma_ = static_cast<double>(params[0]);
  kernel.coef0_ = static_cast<double>(params[1]);
  kernel.degree_ = static_cast<double>(params[2]);
  return kernel;
}

double SvmKernel::operator()(const double* a, const float* b, int64_t width) const {
  double sum = 0;
  for (int64_t i = 0; i < width; ++i) {
    const auto other = static_cast<double>(b[i]);
    sum += kind_ == Kind::kRbf ? (a[i] - other) * (a[i] - other) : a[i] * other;
  }
  switch (kind_) {
    case Kind::kLinear:
      return sum;
    case Kind::kPoly:
      return std::pow(gamma_ * sum + coef0_, degree_);
    case Kind::kRbf:
      return std::exp(-gamma_ * sum);
    case Kind::kSigmoid:
      return std::tanh(gamma_ * sum + coef0_);
  }
  return sum;
}

}  // namespace samoyed::ops
