// Direct convolution of any rank, as Conv, ConvInteger and QLinearConv need it.
#ifndef SAMOYED_OPS_COMMON_CONVOLUTION_H_
#define SAMOYED_OPS_COMMON_CONVOLUTION_H_

#include <vector>

#include "ops/common/sliding_window.h"

namespace samoyed::ops {

// Operands of a convolution, checked against each other: X [N, C, spatial...], W [M, C / group, kernel...].
struct Convolution {
  int64_t batch = 0, in_channels = 0, out_channels = 0, group = 1;
  std::vector<WindowAxis> windows;

  Shape output_shape() const { return OutputShape(batch, out_channels, windows); }
};
Result<Convolution> PlanConvolution(const NodeContext& ctx, const Shape& x, const Shape& w);

// Output planes of X * W, one after another and from several threads: store(plane, values) gets plane n * M + m. Sums are
// double, which is exact for products of bytes.
Status RunConvolution(KernelContext& ctx, const Convolution& conv, const std::vector<double>& x, const std::vector<double>& w,
                      FunctionRef<void(int64_t plane, std::vector<double>& values)> store);

// The shape of a convolution's output from input `x` and weights at inputs x and w, as type `dtype`.
Status InferConvolution(InferContext& ctx, int x, int w, DType dtype);

// Multiplications and additions of a convolution whose inputs are (..., X at x, ..., W at w, ...).
double ConvolutionFlops(std::span<const Shape> inputs, std::span<const Shape> outputs, size_t w);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_CONVOLUTION_H_
