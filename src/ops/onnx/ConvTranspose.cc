// ConvTranspose: every input element adds its multiple of the kernel to the output, as the gradient of Conv does.
// y[n, m, i * stride + k * dilation - pad] += x[n, c, i] * w[c, m, k]. https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
#include <algorithm>

#include "base/checked.h"
#include "ops/common/sliding_window.h"
#include "ops/common/tap_loop.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

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
    SAMOYED_ASSIGN_OR_RETURN(const auto a,
                             ops::ReadTransposedWindow(ctx, static_cast<int>(in->size()) - 2,
                                                       known ? std::span<const int64_t>(kernel) : std::span<const int64_t>()));
    for (size_t i = 2; i < in->size(); ++i) {
      if (!(*in)[i].known()) continue;
      SAMOYED_ASSIGN_OR_RETURN(const ops::WindowAxis axis, ops::PlaceTransposedWindow(a, static_cast<int>(i) - 2, (*in)[i].value));
      out[i] = Dim(axis.in);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(out)));
  return OkStatus();
}

// One output plane gains one input plane times one kernel.
void AddPlane(const double* x, const double* w, const std::vector<ops::WindowAxis>& axes, ops::TapLoop& loop, double* y) {
  std::vector<int64_t> tap(axes.size());
  const int64_t stride = axes.back().stride;
  do {
    const double weight = *w++;
    loop.ForEachRow(tap, [&](int64_t to, int64_t from, int64_t n) {
      for (int64_t i = 0; i < n; ++i) y[to + i * stride] += weight * x[from + i];
    });
  } while (ops::NextTap(tap, axes));
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
  SAMOYED_ASSIGN_OR_RETURN(const auto a, ops::ReadTransposedWindow(ctx, x->rank() - 2, w->shape().dims().subspan(2)));
  std::vector<ops::WindowAxis> axes;
  Shape shape = {x->dim(0), *out_channels};
  for (int i = 2; i < x->rank(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const ops::WindowAxis axis, ops::PlaceTransposedWindow(a, i - 2, x->dim(i)));
    axes.push_back(axis);
    shape.push_back(axis.in);
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), shape);
  if (y->size() == 0) return OkStatus();
  const std::vector<double> in = LoadAll<double>(*x), weights = LoadAll<double>(*w);
  const std::vector<double> bias = b == nullptr ? std::vector<double>(static_cast<size_t>(*out_channels)) : LoadAll<double>(*b);
  const int64_t in_plane = x->shape().Product(2, x->rank()), kernel = w->shape().Product(2, w->rank()),
                plane = shape.Product(2, shape.rank());
  const int64_t in_group = channels / group, out_group = w->dim(1);
  ctx.ParallelFor(shape[0] * shape[1], 1, [&](int64_t begin, int64_t end) {
    ops::TapLoop loop(axes);
    for (int64_t p = begin; p < end && ctx.Poll().ok(); ++p) {
      const int64_t n = p / shape[1], m = p % shape[1], g = m / out_group;
      std::vector<double> sum(static_cast<size_t>(plane), bias[static_cast<size_t>(m)]);
      for (int64_t c = g * in_group; c < (g + 1) * in_group && in_plane > 0; ++c) {
        AddPlane(in.data() + (n * channels + c) * in_plane, weights.data() + (c * out_group + m % out_group) * kernel, axes, loop,
                 sum.data());
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
