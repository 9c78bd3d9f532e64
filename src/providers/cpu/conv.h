// What the kinds of convolution share: the node's constant parts and the geometry of a run.
#ifndef SAMOYED_PROVIDERS_CPU_CONV_H_
#define SAMOYED_PROVIDERS_CPU_CONV_H_

#include <memory>
#include <string>

#include "ops/common/sliding_window.h"
#include "providers/cpu/finish.h"
#include "providers/cpu/kernels.h"

namespace samoyed::cpu {

// A Conv of rank 3 (as one row of pixels) or 4, on channels-last fp32 data.
struct ConvSpec {
  ops::WindowAttributes window;  // of the spatial axes that the node has: 1 or 2
  int64_t channels = 0, out_channels = 0, group = 1;
  int64_t kernel_h = 1, kernel_w = 1;
  const float* weights = nullptr;  // [out_channels, channels / group, kernel_h, kernel_w]; only while the kernel is made
  const float* bias = nullptr;     // may be null
  int residual_input = -1;         // -1: none
  Finish finish;
  CpuLevel level{};
  bool strict_precision = false;
  int64_t declared_rows = 0, declared_columns = 0;  // of the output, where the model tells them

  static Result<ConvSpec> From(const KernelSpec& spec, CpuLevel level);
  // The geometry alone, by the attributes and the weights' shape.
  static Result<ConvSpec> FromWeights(const KernelSpec& spec, const Tensor& w, CpuLevel level);
};

// The windows of a run with input x [N, (H,) W, C].
struct ConvShape {
  int64_t batch = 0;
  ops::WindowAxis h, w;

  static Result<ConvShape> From(const ConvSpec& spec, const Shape& x);
  // [N, (OH,) OW, M]
  Shape Output(const ConvSpec& spec, int rank) const;
};

// Input, output and residual of a run, checked against each other.
struct ConvOperands {
  ConvShape shape;
  const float* x = nullptr;
  const float* residual = nullptr;
  float* y = nullptr;

  static Result<ConvOperands> From(KernelContext& ctx, const ConvSpec& spec);
};

// A kernel of this kind owns weights and bias.
class ConvKernel : public Kernel {
 public:
  explicit ConvKernel(ConvSpec spec) : spec_(std::move(spec)) {}
  bool OwnsConstant(int input) const override { return input == 1 || input == 2; }

 protected:
  ConvSpec spec_;
};

// The pixels [column, column + width) of `rows` rows from `row` on, zeros where the image [height, image_width, channels] has none.
void CopyPadded(const float* image, int64_t height, int64_t image_width, int64_t channels, int64_t row, int64_t rows, int64_t column,
                int64_t width, float* to);

Result<std::unique_ptr<Kernel>> MakeDirectConv(const ConvSpec& spec);
Result<std::unique_ptr<Kernel>> MakeDepthwiseConv(const ConvSpec& spec);
// The kind of Winograd's convolution that is expected to be the fastest, as outputs a side of a tile (4 or 2); 0 where the direct one is.
int ChooseWinograd(const ConvSpec& spec);
Result<std::unique_ptr<Kernel>> MakeWinogradConv(const ConvSpec& spec, int tile);

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_CONV_H_
