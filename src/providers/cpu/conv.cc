#include "providers/cpu/conv.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace samoyed::cpu {
namespace {

Support QueryConv(const KernelSpec& spec) {
  if (!IsFloatInput(spec, 0)) return Support::No(StrCat("convolution of ", spec.input_type(0).ToString(), " is not vectorised"));
  const Tensor* w = spec.constant(1);
  if (w == nullptr || (spec.has_input(2) && spec.constant(2) == nullptr)) return Support::No("the weights are not constant");
  if (w->dtype() != DType::kFloat || (w->rank() != 3 && w->rank() != 4))
    return Support::No(StrCat("weights ", w->shape().ToString(), " are not of 1 or 2 spatial axes"));
  if (spec.input_type(0).rank() != w->rank()) return Support::No("the rank of the input is not known");
  if (w->size() == 0) return Support::No("the weights are empty");
  if (spec.has_input(2) &&
      (spec.constant(2)->dtype() != DType::kFloat || spec.constant(2)->rank() != 1 || spec.constant(2)->dim(0) != w->dim(0))) {
    return Support::No("the bias does not fit the weights");
  }
  return Support::Yes(LayoutSupport::kPrefersChannelsLast);
}

Result<std::unique_ptr<Kernel>> MakeConv(const KernelSpec& kernel_spec, CpuLevel level) {
  SAMOYED_ASSIGN_OR_RETURN(const ConvSpec spec, ConvSpec::From(kernel_spec, level));
  if (spec.group > 1 && spec.group == spec.channels && spec.group == spec.out_channels) return MakeDepthwiseConv(spec);
  if (const int tile = ChooseWinograd(spec); tile > 0) return MakeWinogradConv(spec, tile);
  return MakeDirectConv(spec);
}

constexpr KernelEntry kEntries[] = {{"", "Conv", QueryConv, MakeConv}};

}  // namespace

std::span<const KernelEntry> ConvKernels() { return kEntries; }

Result<ConvSpec> ConvSpec::FromWeights(const KernelSpec& spec, const Tensor& w, CpuLevel level) {
  ConvSpec out;
  SAMOYED_ASSIGN_OR_RETURN(out.window, ops::ReadWindow(SpecContext(spec), w.rank() - 2, w.shape().dims().subspan(2)));
  out.group = spec.node.attributes.Int("group", 1);
  out.out_channels = w.dim(0);
  if (out.group < 1 || out.out_channels % out.group != 0)
    return BadInput(spec.node.op_type, ": weights of shape ", w.shape().ToString(), " do not divide into ", out.group, " groups");
  out.channels = w.dim(1) * out.group;
  out.kernel_h = w.rank() == 4 ? w.dim(2) : 1;
  out.kernel_w = w.dim(w.rank() - 1);
  out.level = level;
  out.strict_precision = spec.strict_precision;
  const Type& x = spec.input_type(0);
  for (int i = 0; w.rank() == 4 && i < 2; ++i) {
    if (x.rank() != 4 || !(*x.shape)[static_cast<size_t>(i) + 2].known()) continue;
    const auto axis = ops::PlaceWindow(out.window, i, (*x.shape)[static_cast<size_t>(i) + 2].value);
    if (axis.ok()) (i == 0 ? out.declared_rows : out.declared_columns) = axis->out;  // what does not fit is an error of the run
  }
  return out;
}

Result<ConvSpec> ConvSpec::From(const KernelSpec& spec, CpuLevel level) {
  const Tensor& w = *spec.constant(1);
  SAMOYED_ASSIGN_OR_RETURN(ConvSpec out, FromWeights(spec, w, level));
  out.weights = w.data<float>();
  out.bias = spec.constant(2) == nullptr ? nullptr : spec.constant(2)->data<float>();
  if (spec.node.epilogue.has_residual) out.residual_input = static_cast<int>(spec.node.inputs.size()) - 1;
  out.finish = Finish::From(spec.node.epilogue, level);
  return out;
}

Result<ConvShape> ConvShape::From(const ConvSpec& spec, const Shape& x) {
  const int rank = spec.window.rank() + 2;
  if (x.rank() != rank || x[rank - 1] != spec.channels) {
    return BadInput("Conv: an input [N, spatial..., C] of shape ", x.ToString(), " for weights of ", spec.channels, " input channels");
  }
  ConvShape shape;
  shape.batch = x[0];
  shape.h.in = shape.h.out = 1;
  if (rank == 4) {
    SAMOYED_ASSIGN_OR_RETURN(shape.h, ops::PlaceWindow(spec.window, 0, x[1]));
  }
  SAMOYED_ASSIGN_OR_RETURN(shape.w, ops::PlaceWindow(spec.window, rank - 3, x[rank - 2]));
  return shape;
}

Shape ConvShape::Output(const ConvSpec& spec, int rank) const {
  return rank == 3 ? Shape({batch, w.out, spec.out_channels}) : Shape({batch, h.out, w.out, spec.out_channels});
}

Result<ConvOperands> ConvOperands::From(KernelContext& ctx, const ConvSpec& spec) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->dtype() != DType::kFloat) return BadInput("Conv was made for float, not ", NameOf(x->dtype()));
  ConvOperands out;
  SAMOYED_ASSIGN_OR_RETURN(out.shape, ConvShape::From(spec, x->shape()));
  const Shape shape = out.shape.Output(spec, x->rank());
  if (spec.residual_input >= 0) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* residual, RequireInput(ctx, spec.residual_input));
    if (residual->dtype() != DType::kFloat || residual->shape() != shape) {
      return BadInput("Conv: a residual of shape ", residual->shape().ToString(), " for a result of shape ", shape.ToString());
    }
    out.residual = residual->data<float>();
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, DType::kFloat, shape);
  out.x = x->data<float>();
  out.y = y->mutable_data<float>();
  return out;
}

void CopyPadded(const float* image, int64_t height, int64_t image_width, int64_t channels, int64_t row, int64_t rows, int64_t column,
                int64_t width, float* to) {
  const int64_t left = std::clamp<int64_t>(-column, 0, width), right_end = std::clamp<int64_t>(image_width - column, left, width);
  for (int64_t r = row; r < row + rows; ++r, to += width * channels) {
    if (r < 0 || r >= height) {
      std::fill_n(to, width * channels, 0.0f);
      continue;
    }
    std::fill_n(to, left * channels, 0.0f);
    if (right_end > left)
      std::memcpy(to + left * channels, image + (r * image_width + column + left) * channels,
                  static_cast<size_t>((right_end - left) * channels) * sizeof(float));
    std::fill_n(to + right_end * channels, (width - right_end) * channels, 0.0f);
  }
}

}  // namespace samoyed::cpu
