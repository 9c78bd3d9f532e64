// DeformConv: a convolution whose every tap is moved by an offset of its own at every output element and weighted by a mask; the
// input between elements is linear, and zero outside (Dai et al., https://arxiv.org/abs/1703.06211; Zhu et al.,
// https://arxiv.org/abs/1811.11168). Of any number of spatial axes. https://onnx.ai/onnx/operators/onnx__DeformConv.html
#include <algorithm>
#include <cmath>
#include <optional>

#include "base/checked.h"
#include "ops/common/convolution.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

constexpr int kMaxAxes = 8;  // 2^8 neighbours a tap; more spatial axes are an attack, not a model

// The neighbours of a place between elements, as offsets into a plane with weights.
struct Neighbours {
  int count = 0;
  int64_t offset[1 << kMaxAxes];
  double weight[1 << kMaxAxes];
};

// `place` has a coordinate an axis. Not even a part of a place further than one element away is inside.
void Locate(std::span<const double> place, const std::vector<ops::WindowAxis>& windows, Neighbours& out) {
  out.count = 1;
  out.offset[0] = 0;
  out.weight[0] = 1;
  for (size_t axis = 0; axis < place.size(); ++axis) {
    const int64_t size = windows[axis].in;
    const double at = place[axis];
    if (std::isnan(at)) {  // stays visible in the result
      out = {.count = 1, .offset = {0}, .weight = {at}};
      return;
    }
    if (!(at > -1 && at < static_cast<double>(size))) {
      out.count = 0;
      return;
    }
    const double floor = std::floor(at);
    const auto low = static_cast<int64_t>(floor);
    const double fraction = at - floor;
    int count = 0;
    Neighbours next;
    for (int i = 0; i < out.count; ++i) {
      for (int64_t side = 0; side < 2; ++side) {
        const double weight = side == 0 ? 1 - fraction : fraction;
        if (weight == 0 || low + side < 0 || low + side >= size) continue;
        next.offset[count] = out.offset[i] * size + low + side;
        next.weight[count++] = out.weight[i] * weight;
      }
    }
    for (int i = 0; i < count; ++i) {
      out.offset[i] = next.offset[i];
      out.weight[i] = next.weight[i];
    }
    out.count = count;
  }
}

struct Operands {
  ops::Convolution conv;
  int64_t offset_groups = 1, taps = 1, in_size = 1, out_size = 1;
  std::vector<double> x, w, offset, bias, mask;  // bias and mask: empty when absent
};

Result<std::vector<double>> LoadOperand(const KernelContext& ctx, int i, DType dtype, const Shape& shape) {
  const Tensor* t = i < ctx.num_inputs() ? ctx.input(i) : nullptr;
  if (t == nullptr) return std::vector<double>();
  if (t->dtype() != dtype || t->shape() != shape) {
    return BadInput("DeformConv: input ", i, " must be ", NameOf(dtype), shape.ToString(), ", got ", NameOf(t->dtype()),
                    t->shape().ToString());
  }
  return LoadAll<double>(*t);
}

Result<Operands> ReadOperands(const KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, 1));
  SAMOYED_RETURN_IF_ERROR(RequireInput(ctx, 2).status());
  if (!IsFloat(x->dtype()) || x->rank() > kMaxAxes + 2) {
    return BadInput("DeformConv takes floats with up to ", kMaxAxes, " spatial axes, not ", NameOf(x->dtype()), x->shape().ToString());
  }
  Operands o;
  SAMOYED_ASSIGN_OR_RETURN(o.conv, ops::PlanConvolution(ctx, x->shape(), w->shape()));
  o.offset_groups = ctx.attributes().Int("offset_group", 1);
  if (o.offset_groups < 1 || o.offset_groups > std::max<int64_t>(o.conv.in_channels, 1) || o.conv.in_channels % o.offset_groups != 0) {
    return BadInput("DeformConv: offset_group ", o.offset_groups, " does not divide ", o.conv.in_channels, " channels");
  }
  const auto axes = static_cast<int64_t>(o.conv.windows.size());
  std::optional<int64_t> rows = axes * o.offset_groups;  // of the offsets; weights without elements may have any kernel
  for (const ops::WindowAxis& window : o.conv.windows) rows = rows ? CheckedMul(*rows, window.kernel) : rows;
  if (!rows) return BadInput("DeformConv: weights of shape ", w->shape().ToString(), " are too large");
  o.taps = *rows / (axes * o.offset_groups);
  o.in_size = x->shape().Product(2, x->rank());
  Shape offset{o.conv.batch, *rows}, mask{o.conv.batch, *rows / axes};
  for (const ops::WindowAxis& window : o.conv.windows) {
    offset.push_back(window.out);
    mask.push_back(window.out);
    o.out_size *= window.out;
  }
  SAMOYED_ASSIGN_OR_RETURN(o.w, LoadOperand(ctx, 1, x->dtype(), w->shape()));
  SAMOYED_ASSIGN_OR_RETURN(o.offset, LoadOperand(ctx, 2, x->dtype(), offset));
  SAMOYED_ASSIGN_OR_RETURN(o.bias, LoadOperand(ctx, 3, x->dtype(), Shape{o.conv.out_channels}));
  SAMOYED_ASSIGN_OR_RETURN(o.mask, LoadOperand(ctx, 4, x->dtype(), mask));
  o.x = LoadAll<double>(*x);
  return o;
}

// The moved and masked input elements under the kernel at output element `at` of image n: [channels, taps].
void Gather(const Operands& o, int64_t n, int64_t at, std::vector<double>& column) {
  const std::vector<ops::WindowAxis>& windows = o.conv.windows;
  const size_t axes = windows.size();
  const int64_t per_group = o.conv.in_channels / o.offset_groups;
  double place[kMaxAxes];
  Neighbours near;
  for (int64_t g = 0; g < o.offset_groups; ++g) {
    for (int64_t tap = 0; tap < o.taps; ++tap) {
      const int64_t row = (n * o.offset_groups + g) * o.taps + tap;
      int64_t k = tap, out = at;
      for (size_t axis = axes; axis-- > 0;) {
        const ops::WindowAxis& window = windows[axis];
        place[axis] = static_cast<double>(window.Start(out % window.out) + k % window.kernel * window.dilation) +
                      o.offset[static_cast<size_t>((row * static_cast<int64_t>(axes) + static_cast<int64_t>(axis)) * o.out_size + at)];
        out /= window.out;
        k /= window.kernel;
      }
      Locate({place, axes}, windows, near);
      const double mask = o.mask.empty() ? 1 : o.mask[static_cast<size_t>(row * o.out_size + at)];
      for (int64_t c = g * per_group; c < (g + 1) * per_group; ++c) {
        const double* plane = o.x.data() + (n * o.conv.in_channels + c) * o.in_size;
        double value = 0;
        for (int i = 0; i < near.count; ++i) value += near.weight[i] * plane[near.offset[i]];
        column[static_cast<size_t>(c * o.taps + tap)] = value * mask;
      }
    }
  }
}

Status RunDeformConv(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Operands o, ReadOperands(ctx));
  const ops::Convolution& conv = o.conv;
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, ctx.input(0)->dtype(), conv.output_shape());
  if (y->size() == 0) return OkStatus();
  const int64_t depth = conv.in_channels / conv.group * o.taps;  // elements of W an output channel
  const int64_t out_group = conv.out_channels / conv.group;
  std::vector<double> column(static_cast<size_t>(conv.in_channels * o.taps));
  std::vector<double> image(static_cast<size_t>(conv.out_channels * o.out_size));
  for (int64_t n = 0; n < conv.batch; ++n) {
    for (int64_t at = 0; at < o.out_size; ++at) {
      if (at % 64 == 0) SAMOYED_RETURN_IF_ERROR(ctx.Poll());
      if (o.in_size > 0) Gather(o, n, at, column);
      for (int64_t m = 0; m < conv.out_channels; ++m) {
        const double* values = column.data() + m / out_group * depth;
        const double* weights = o.w.data() + m * depth;
        double sum = o.bias.empty() ? 0 : o.bias[static_cast<size_t>(m)];
        for (int64_t i = 0; i < depth; ++i) sum += values[i] * weights[i];
        image[static_cast<size_t>(m * o.out_size + at)] = sum;
      }
    }
    Store(*y, n * static_cast<int64_t>(image.size()), static_cast<int64_t>(image.size()), image.data());
  }
  return OkStatus();
}

Status InferDeformConv(InferContext& ctx) { return ops::InferConvolution(ctx, 0, 1, ctx.input_dtype(0)); }

double FlopsOfDeformConv(const Attributes&, std::span<const Shape> inputs, std::span<const Shape> outputs) {
  return ops::ConvolutionFlops(inputs, outputs, 1);
}

}  // namespace

extern const OpDef kOp_onnx_DeformConv = {.infer = InferDeformConv, .run = RunDeformConv, .flops = FlopsOfDeformConv};

}  // namespace samoyed
