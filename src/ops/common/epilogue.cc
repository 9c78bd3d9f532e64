#include "ops/common/epilogue.h"

#include <algorithm>
#include <cmath>

#include "tensor/convert.h"

namespace samoyed::ops {

double Activate(Activation activation, float alpha, float beta, double x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return x < 0 ? 0 : x;  // NaN stays NaN
    case Activation::kLeakyRelu:
      return x < 0 ? static_cast<double>(alpha) * x : x;
    case Activation::kClip: {
      const double low = x < alpha ? alpha : x;
      return low > beta ? beta : low;
    }
    case Activation::kSigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::kHardSigmoid:
      return std::clamp(static_cast<double>(alpha) * x + beta, 0.0, 1.0);
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kHardSwish:
      return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::kElu:
      return x < 0 ? static_cast<double>(alpha) * std::expm1(x) : x;
    case Activation::kSoftplus:
      return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    case Activation::kMish:
      return x * std::tanh(Activate(Activation::kSoftplus, 0, 0, x));
  }
  return x;
}

Status ApplyEpilogue(Tensor& y, Activation activation, float alpha, float beta, const Tensor* residual) {
  if (residual != nullptr && (residual->dtype() != y.dtype() || !(residual->shape() == y.shape()))) {
    return BadInput("a residual of shape ", residual->shape().ToString(), " and type ", NameOf(residual->dtype()), " does not fit a result of shape ",
                    y.shape().ToString(), " and type ", NameOf(y.dtype()));
  }
  constexpr int64_t kChunk = 256;
  double x[kChunk], r[kChunk];
  for (int64_t begin = 0; begin < y.size(); begin += kChunk) {
    const int64_t n = std::min(kChunk, y.size() - begin);
    Load(y, begin, n, x);
    if (residual != nullptr) {
      Load(*residual, begin, n, r);
      for (int64_t i = 0; i < n; ++i) x[i] += r[i];
    }
    for (int64_t i = 0; i < n; ++i) x[i] = Activate(activation, alpha, beta, x[i]);
    Store(y, begin, n, x);
  }
  return OkStatus();
}

}  // namespace samoyed::ops
