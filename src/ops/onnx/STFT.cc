// STFT: the Fourier transforms of windowed frames of a signal, `frame_step` apart. https://onnx.ai/onnx/operators/onnx__STFT.html
#include "ops/common/args.h"
#include "ops/common/fourier.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

struct Frames {
  int64_t step, length;
  std::vector<double> window;
};

Result<Frames> FramesOf(const KernelContext& ctx, const Tensor& signal) {
  Frames frames;
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* step, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(frames.step, ops::ReadInt(*step, "STFT: frame_step"));
  const Tensor* window = ctx.input(2);
  frames.length = window != nullptr ? window->size() : signal.dim(1);
  if (const Tensor* length = ctx.input(3)) {
    SAMOYED_ASSIGN_OR_RETURN(frames.length, ops::ReadInt(*length, "STFT: frame_length"));
  }
  if (frames.step < 1 || frames.length < 1 || frames.length > signal.dim(1)) {
    return BadInput("STFT: frames of ", frames.length, ", ", frames.step, " apart, in a signal of ", signal.dim(1));
  }
  if (window != nullptr && (window->rank() != 1 || window->size() != frames.length || !IsFloat(window->dtype()))) {
    return BadInput("STFT: a window of shape ", window->shape().ToString(), " for frames of ", frames.length);
  }
  frames.window = window != nullptr ? LoadAll<double>(*window) : std::vector<double>(static_cast<size_t>(frames.length), 1.0);
  return frames;
}

Status RunStft(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* signal, RequireInput(ctx, 0));
  if (!IsFloat(signal->dtype()) || signal->rank() < 2 || signal->rank() > 3)
    return BadInput("STFT: signal ", NameOf(signal->dtype()), signal->shape().ToString());
  const int64_t parts = signal->rank() == 3 ? signal->dim(2) : 1;
  const bool onesided = ctx.attributes().Int("onesided", 1) != 0;
  if (parts != 1 && parts != 2) return BadInput("STFT: ", parts, " parts of a number");
  SAMOYED_ASSIGN_OR_RETURN(const Frames frames, FramesOf(ctx, *signal));
  const int64_t count = (signal->dim(1) - frames.length) / frames.step + 1, bins = onesided ? frames.length / 2 + 1 : frames.length;
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, signal->dtype(), Shape({signal->dim(0), count, bins, 2}));
  std::vector<std::complex<double>> line(static_cast<size_t>(frames.length));
  int64_t at = 0;
  for (int64_t b = 0; b < signal->dim(0); ++b) {
    for (int64_t f = 0; f < count; ++f) {
      SAMOYED_RETURN_IF_ERROR(ctx.Poll());
      for (int64_t n = 0; n < frames.length; ++n) {
        double pair[2] = {0, 0};
        Load(*signal, (b * signal->dim(1) + f * frames.step + n) * parts, parts, pair);
        line[static_cast<size_t>(n)] = std::complex<double>(pair[0], pair[1]) * frames.window[static_cast<size_t>(n)];
      }
      ops::Fourier(line, false);
      for (int64_t k = 0; k < bins; ++k, at += 2) {
        const double pair[2] = {line[static_cast<size_t>(k)].real(), line[static_cast<size_t>(k)].imag()};
        Store(*out, at, 2, pair);
      }
    }
  }
  return OkStatus();
}

Status InferStft(InferContext& ctx) {
  const Type* signal = ctx.tensor_type(0);
  if (signal == nullptr) return OkStatus();
  Dims dims = {Dim(), Dim(), Dim(), Dim(2)};
  const Dims* shape = ctx.input_shape(0);
  if (shape != nullptr && shape->size() >= 2) {
    dims[0] = (*shape)[0];
    const auto step = ops::InferInt(ctx, 1);
    Dim length = (*shape)[1];
    const bool has_window = ctx.input_type(2) != nullptr, has_length = ctx.num_inputs() > 3;
    if (has_window) length = ctx.input_shape(2) != nullptr && ctx.input_shape(2)->size() == 1 ? (*ctx.input_shape(2))[0] : Dim();
    if (has_length) length = ops::InferInt(ctx, 3) ? Dim(*ops::InferInt(ctx, 3)) : length.known() && has_window ? length : Dim();
    if (length.known() && length.value > 0) {
      dims[2] = ctx.attributes().Int("onesided", 1) != 0 ? Dim(length.value / 2 + 1) : length;
      const Dim& whole = (*shape)[1];
      if (step && *step > 0 && whole.known() && whole.value >= length.value) dims[1] = Dim((whole.value - length.value) / *step + 1);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(signal->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_STFT = {.infer = InferStft, .run = RunStft, .tolerance = {1e-5, 1e-5}};

}  // namespace samoyed
