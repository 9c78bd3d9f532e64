// What the convolutions of bytes (QLinearConv) share.
#ifndef SAMOYED_PROVIDERS_CPU_BYTE_CONV_H_
#define SAMOYED_PROVIDERS_CPU_BYTE_CONV_H_

#include <memory>
#include <vector>

#include "providers/cpu/byte_product.h"
#include "providers/cpu/conv.h"

namespace samoyed::cpu {

// A QLinearConv whose weights and parameters are constants.
struct ByteConvSpec {
  ConvSpec conv;                       // the geometry; weights, bias and finish are not used
  const std::byte* weights = nullptr;  // [out_channels, channels / group, kernel_h, kernel_w]; only while the kernel is made
  bool weights_signed = false;
  DType x_dtype = DType::kUndefined;
  int32_t x_zero = 0;
  std::vector<int32_t> weight_zeros, bias;  // one or out_channels; none or out_channels
  std::vector<float> scale;                 // one or out_channels: of sums to steps of the output
  ByteFinish finish;
  DType y_dtype = DType::kUndefined;
};

// Input and output of a run, checked.
struct ByteConvOperands {
  ConvShape shape;
  const std::byte* x;
  std::byte* y;

  static Result<ByteConvOperands> From(KernelContext& ctx, const ByteConvSpec& spec);
};

Result<std::unique_ptr<Kernel>> MakeDirectByteConv(ByteConvSpec spec);
// For one filter a channel.
Result<std::unique_ptr<Kernel>> MakeDepthwiseByteConv(ByteConvSpec spec);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_BYTE_CONV_H_
