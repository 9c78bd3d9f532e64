// DFT: the discrete Fourier transform along an axis; complex numbers are pairs in the last axis.
// https://onnx.ai/onnx/operators/onnx__DFT.html  The axis is an attribute (default 1) in version 17, input 2 (default -2) since 20.
#include <algorithm>

#include "ops/common/args.h"
#include "ops/common/fourier.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr int64_t kMaxLength = int64_t{1} << 32;  // of work space: 16 bytes an element

struct Transform {
  bool inverse, onesided;
  bool real_out() const { return inverse && onesided; }
  int64_t default_length(int64_t size) const { return real_out() ? std::max<int64_t>(0, 2 * (size - 1)) : size; }
  int64_t out_size(int64_t length) const { return onesided && !inverse ? length / 2 + 1 : length; }
};

Transform TransformOf(const NodeContext& ctx) { return {ctx.attributes().Int("inverse") != 0, ctx.attributes().Int("onesided") != 0}; }

Result<int> AxisOf(const NodeContext& ctx, std::optional<int64_t> input, int rank) {
  const int64_t given = ctx.since_version() < 20 ? ctx.attributes().Int("axis", 1) : input.value_or(-2);
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(given, rank));
  if (axis == rank - 1) return BadInput("DFT: axis ", given, " is the one of real and imaginary parts");
  return axis;
}

// One line of the input, padded with zeros or cut to `length`; for real output the other half of the spectrum is its mirror.
void LoadLine(const Tensor& in, int64_t first, int64_t step, int64_t size, bool mirrored, std::vector<std::complex<double>>& line) {
  const int64_t parts = in.shape().back();
  const auto length = static_cast<int64_t>(line.size());
  std::fill(line.begin(), line.end(), 0.0);
  const int64_t given = std::min(size, mirrored ? length / 2 + 1 : length);
  for (int64_t n = 0; n < given; ++n) {
    double pair[2] = {0, 0};
    Load(in, (first + n * step) * parts, parts, pair);
    line[static_cast<size_t>(n)] = {pair[0], pair[1]};
  }
  for (int64_t n = 1; mirrored && n < (length + 1) / 2; ++n)
    line[static_cast<size_t>(length - n)] = std::conj(line[static_cast<size_t>(n)]);
  if (mirrored) line[0] = line[0].real();
  if (mirrored && length % 2 == 0) line[static_cast<size_t>(length / 2)] = line[static_cast<size_t>(length / 2)].real();
}

Status RunDft(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  std::optional<int64_t> axis_input;
  if (const Tensor* given = ctx.input(2)) {
    SAMOYED_ASSIGN_OR_RETURN(axis_input, ops::ReadInt(*given, "DFT: axis"));
  }
  if (!IsFloat(in->dtype()) || in->rank() < 2 || (in->shape().back() != 1 && in->shape().back() != 2)) {
    return BadInput("DFT: the last axis of ", NameOf(in->dtype()), in->shape().ToString(), " must hold 1 or 2 parts");
  }
  SAMOYED_ASSIGN_OR_RETURN(const int axis, AxisOf(ctx, axis_input, in->rank()));
  const Transform transform = TransformOf(ctx);
  int64_t length = transform.default_length(in->dim(axis));
  if (const Tensor* given = ctx.input(1)) {
    SAMOYED_ASSIGN_OR_RETURN(length, ops::ReadInt(*given, "DFT: dft_length"));
  }
  if (length < 1 || length > kMaxLength) return BadInput("DFT: a length of ", length);
  Shape shape = in->shape();
  shape[axis] = transform.out_size(length);
  shape[shape.rank() - 1] = transform.real_out() ? 1 : 2;
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  if (out->size() == 0) return OkStatus();
  const int64_t parts = shape.back(), inner = shape.Product(axis + 1, shape.rank() - 1), outer = shape.Product(0, axis);
  std::vector<std::complex<double>> line(static_cast<size_t>(length));
  for (int64_t o = 0; o < outer; ++o) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t i = 0; i < inner; ++i) {
      LoadLine(*in, o * in->dim(axis) * inner + i, inner, in->dim(axis), transform.real_out(), line);
      ops::Fourier(line, transform.inverse);
      for (int64_t k = 0; k < shape[axis]; ++k) {
        const double pair[2] = {line[static_cast<size_t>(k)].real(), line[static_cast<size_t>(k)].imag()};
        Store(*out, ((o * shape[axis] + k) * inner + i) * parts, parts, pair);
      }
    }
  }
  return OkStatus();
}

Status InferDft(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  Type out = *in;
  const bool has_axis = ctx.since_version() >= 20 && ctx.num_inputs() > 2;
  const auto axis_input = has_axis ? ops::InferInt(ctx, 2) : std::nullopt;
  if (in->shape && in->rank() >= 2) {
    const Transform transform = TransformOf(ctx);
    const bool unchanged = ctx.input_type(1) == nullptr && !transform.onesided;  // along any axis
    if (has_axis && !axis_input) {
      if (!unchanged) out.shape = ops::UnknownDims(in->rank());
    } else {
      SAMOYED_ASSIGN_OR_RETURN(const int axis, AxisOf(ctx, axis_input, in->rank()));
      Dim& size = (*out.shape)[static_cast<size_t>(axis)];
      const auto length = ctx.input_type(1) != nullptr ? ops::InferInt(ctx, 1)
                          : size.known()               ? std::optional<int64_t>(transform.default_length(size.value))
                                                       : std::nullopt;
      if (!unchanged) size = length && *length >= 0 ? Dim(transform.out_size(*length)) : Dim();
    }
    out.shape->back() = Dim(transform.real_out() ? 1 : 2);
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_DFT = {.infer = InferDft, .run = RunDft, .tolerance = {1e-5, 1e-5}};

}  // namespace samoyed
