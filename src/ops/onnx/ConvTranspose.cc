// ConvTranspose: every input element adds its multiple of the kernel to the output, as the gradient of Conv does.
// y[n, m, i * stride + k * dilation - pad] += x[n, c, i] * w[c, m, k]. https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
#include <algorithm>

#include "base/checked.h"
#include "ops/common/sliding_window.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

struct Axis {
  int64_t in = 0, out = 0, kernel = 1, stride = 1, dilation = 1, pad = 0;
};

// One spatial axis of `in` elements. Sizes are below 2^31 each (ReadWindow), so that products fit into 64 bits.
Result<Axis> PlaceAxis(const NodeContext& ctx, const ops::WindowAttributes& a, size_t i, int64_t in) {
  constexpr int64_t kLargest = int64_t{1} << 31;
  const auto ints = [&](std::string_view name) { return ctx.attributes().Ints(name); };
  Axis axis{in, 0, a.kernel[i], a.strides[i], a.dilations[i], 0};
  const auto extra = ints("output_padding"), wanted = ints("output_shape");
  const int64_t output_padding = i < extra.size() ? extra[i] : 0;
  if (in < 0 || in >= kLargest || output_padding < 0 || output_padding >= kLargest)
    return BadInput("ConvTranspose: a size of ", in, " or an output_padding of ", output_padding);
  const int64_t full = axis.stride * (in - 1) + output_padding + (axis.kernel - 1) * axis.dilation + 1;
  const bool same = a.auto_pad == ops::AutoPad::kSameUpper || a.auto_pad == ops::AutoPad::kSameLower;
  if (!wanted.empty() || same) {
    // The last numbers count: older exporters also write batch and channels.
    const size_t spatial = a.kernel.size();
    if (!wanted.empty() && wanted.size() != spatial && wanted.size() != spatial + 2)
      return BadInput("ConvTranspose: output_shape has ", wanted.size(), " numbers for ", spatial, " axes");
    axis.out = wanted.empty() ? in * axis.stride : wanted[wanted.size() - spatial + i];
    if (axis.out < 1 || axis.out >= kLargest) return BadInput("ConvTranspose: an output axis of ", axis.out, " elements");
    const int64_t total = std::max<int64_t>(0, full - axis.out);
    axis.pad = a.auto_pad == ops::AutoPad::kSameUpper ? total / 2 : total - total / 2;
  } else {
    const bool explicit_pads = a.auto_pad == ops::AutoPad::kNotSet;
    axis.pad = explicit_pads ? a.pads[i] : 0;
    axis.out = full - axis.pad - (explicit_pads ? a.pads[i + a.kernel.size()] : 0);
  }
  if (axis.out < 1 || axis.out >= kLargest) return BadInput("ConvTranspose: an output axis of ", axis.out, " elements");
  return axis;
}

Status InferConvTranspose(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(0);
  ctx.set_output_type(0, Type::TensorOf(dtype));
  const Dims *in = ctx.input_shape(0), *w = ctx.input_shape(1);
  if (in == nullptr) return OkStatus();
  if (in->size() < 3) return BadInput("ConvTranspose needs [N, C, spatial...], got rank ", in->size());
  Dims out(in->size());
  out[0] = (*in)[0];
  std::vector<int64_t> kernel;
  bool known = w != nullptr;
  if (w != nullptr) {
    if (w->size() != in->size()) return BadInput("ConvTranspose: weights of rank ", w->size(), " for an input of rank ", in->size());
    if ((*w)[1].known()) {
      const auto channels = CheckedMul((*w)[1].value, ctx.attributes().Int("group", 1));
      if (!channels || *channels < 0) return BadInput("ConvTranspose: too many output channels");
      out[1] = Dim(*channels);
    }
    for (size_t i = 2; i < w->size(); ++i) {
      known &= (*w)[i].known();
      kernel.push_back((*w)[i].value);
    }
  }
  if (known || ctx.attributes().Has("kernel_shape")) {
    SAMOYED_ASSIGN_OR_RETURN(const auto a, ops::ReadWindow(ctx, static_cast<int>(in->size()) - 2,
                                                           known ? std::span<const int64_t>(kernel) : std::span<const int64_t>()));
    for (size_t i = 2; i < in->size(); ++i) {
      if (!(*in)[i].known()) continue;
      SAMOYED_ASSIGN_OR_RETURN(const Axis axis, PlaceAxis(ctx, a, i - 2, (*in)[i].value));
      out[i] = Dim(axis.out);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(out)));
  return OkStatus();
}

// The next index, row-major, of `sizes`; false after the last.
bool Next(std::vector<int64_t>& index, const std::vector<Axis>& axes, int64_t Axis::*size) {
  for (size_t i = index.size(); i-- > 0;) {
    if (++index[i] < axes[i].*size) return true;
    index[i] = 0;
  }
  return false;
}

// Where the outer axes' indices and taps lead: the row of the output plane; -1 where they lead outside.
int64_t RowOf(const std::vector<Axis>& outer, const std::vector<int64_t>& at, const std::vector<int64_t>& tap) {
  int64_t row = 0;
  for (size_t i = 0; i < outer.size(); ++i) {
    const int64_t o = at[i] * outer[i].stride + tap[i] * outer[i].dilation - outer[i].pad;
    if (o < 0 || o >= outer[i].out) return -1;
    row = row * outer[i].out + o;
  }
  return row;
}

// One output plane gains one input plane times one kernel, a row of the last axis at a time: of each tap the elements that stay inside.
void AddPlane(const double* x, const double* w, const std::vector<Axis>& axes, std::vector<double>& y) {
  const Axis& last = axes.back();
  const std::vector<Axis> outer(axes.begin(), axes.end() - 1);
  std::vector<int64_t> at(outer.size(), 0), tap(outer.size(), 0);
  do {
    const double* weights = w;
    std::fill(tap.begin(), tap.end(), 0);
    do {
      const int64_t row = RowOf(outer, at, tap);
      for (int64_t k = 0; row >= 0 && k < last.kernel; ++k) {
        const int64_t shift = k * last.dilation - last.pad;  // element i leads to i * stride + shift
        const int64_t begin = shift >= 0 ? 0 : (-shift + last.stride - 1) / last.stride;
        const int64_t end = shift >= last.out ? 0 : std::min(last.in, (last.out - 1 - shift) / last.stride + 1);
        for (int64_t i = begin; i < end; ++i) y[static_cast<size_t>(row * last.out + i * last.stride + shift)] += x[i] * weights[k];
      }
      weights += last.kernel;
    } while (Next(tap, outer, &Axis::kernel));
    x += last.in;
  } while (Next(at, outer, &Axis::in));
}

Status RunConvTranspose(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, 1));
  const Tensor* b = ctx.input(2);
  if (!IsFloat(x->dtype()) || !IsFloat(w->dtype()) || x->rank() < 3 || w->rank() != x->rank()) {
    return BadInput("ConvTranspose needs floats [N, C, spatial...] and [C, M, spatial...], got ", x->shape().ToString(), " and ",
                    w->shape().ToString());
  }
  const int64_t group = ctx.attributes().Int("group", 1), channels = x->dim(1);
  if (group < 1 || channels % group != 0 || w->dim(0) != channels)
    return BadInput("ConvTranspose: ", channels, " channels, weights of shape ", w->shape().ToString(), ", group ", group);
  const auto out_channels = CheckedMul(w->dim(1), group);
  if (!out_channels) return LimitExceeded("ConvTranspose: too many output channels");
  if (b != nullptr && (!IsFloat(b->dtype()) || b->rank() != 1 || b->dim(0) != *out_channels))
    return BadInput("ConvTranspose: a bias of shape ", b->shape().ToString(), " for ", *out_channels, " channels");
  SAMOYED_ASSIGN_OR_RETURN(const auto a, ops::ReadWindow(ctx, x->rank() - 2, w->shape().dims().subspan(2)));
  std::vector<Axis> axes;
  Shape shape = {x->dim(0), *out_channels};
  for (int i = 2; i < x->rank(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Axis axis, PlaceAxis(ctx, a, static_cast<size_t>(i - 2), x->dim(i)));
    axes.push_back(axis);
    shape.push_back(axis.out);
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), shape);
  if (y->size() == 0) return OkStatus();
  const std::vector<double> in = LoadAll<double>(*x), weights = LoadAll<double>(*w);
  const std::vector<double> bias = b == nullptr ? std::vector<double>(static_cast<size_t>(*out_channels)) : LoadAll<double>(*b);
  const int64_t in_plane = x->shape().Product(2, x->rank()), kernel = w->shape().Product(2, w->rank()),
                plane = shape.Product(2, shape.rank());
  const int64_t in_group = channels / group, out_group = w->dim(1);
  ctx.ParallelFor(shape[0] * shape[1], 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end && ctx.Poll().ok(); ++p) {
      const int64_t n = p / shape[1], m = p % shape[1], g = m / out_group;
      std::vector<double> sum(static_cast<size_t>(plane), bias[static_cast<size_t>(m)]);
      for (int64_t c = g * in_group; c < (g + 1) * in_group && in_plane > 0; ++c) {
        AddPlane(in.data() + (n * channels + c) * in_plane, weights.data() + (c * out_group + m % out_group) * kernel, axes, sum);
      }
      Store(*y, p * plane, plane, sum.data());
    }
  });
  return ctx.Poll();
}

double ConvTransposeFlops(const Attributes&, std::span<const Shape> inputs, std::span<const Shape>) {
  if (inputs.size() < 2 || inputs[1].rank() < 3) return 0;
  return 2.0 * static_cast<double>(inputs[0].NumElements()) * static_cast<double>(inputs[1].Product(1, inputs[1].rank()));
}

}  // namespace

extern const OpDef kOp_onnx_ConvTranspose = {.infer = InferConvTranspose,
                                             .run = RunConvTranspose,
                                             .facts = {.takes_epilogue = true},
                                             .tolerance = {1e-4, 1e-5},
                                             .flops = ConvTransposeFlops};

}  // namespace samoyed
