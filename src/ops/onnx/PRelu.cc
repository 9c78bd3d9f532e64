// PRelu: x where x >= 0, slope * x elsewhere; the slope broadcasts to x (below version 7: one number, or one a channel).
// https://onnx.ai/onnx/operators/onnx__PRelu.html
#include "base/checked.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

template <typename Wide, typename Fn>
Status PReluAs(KernelContext& ctx, const Tensor& x, const Tensor& slope, Fn multiply) {
  SAMOYED_ASSIGN_OR_RETURN(const Shape joint, BroadcastShapes(x.shape(), slope.shape()));
  if (!(joint == x.shape())) return BadInput("PRelu: a slope of shape ", slope.shape().ToString(), " does not broadcast to ", x.shape().ToString());
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x.dtype(), x.shape());
  std::vector<Wide> values = LoadAll<Wide>(x);
  const std::vector<Wide> slopes = LoadAll<Wide>(slope);
  const Shape strides[] = {ops::BroadcastStrides(slope.shape(), x.shape())};
  const int64_t n = x.rank() == 0 ? 1 : x.shape().back(), step = x.rank() == 0 ? 0 : strides[0].back();
  ops::ForEachRow(x.shape(), strides, [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < n; ++i) {
      Wide& v = values[static_cast<size_t>(at + i)];
      if (v < 0) v = multiply(v, slopes[static_cast<size_t>(from[0] + i * step)]);
    }
  });
  StoreAll(*y, values);
  return OkStatus();
}

Status RunPRelu(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* raw, RequireInput(ctx, 1));
  if (x->dtype() != raw->dtype()) return BadInput("PRelu: x is ", NameOf(x->dtype()), ", the slope ", NameOf(raw->dtype()));
  Tensor slope = *raw;
  if (ctx.since_version() < 7 && slope.rank() == 1 && x->rank() > 2) {
    Shape per_channel = {slope.dim(0)};
    for (int i = 2; i < x->rank(); ++i) per_channel.push_back(1);
    slope = slope.Reshaped(per_channel);
  }
  if (IsFloat(x->dtype())) return PReluAs<double>(ctx, *x, slope, [](double a, double b) { return a * b; });
  if (IsInteger(x->dtype())) return PReluAs<int64_t>(ctx, *x, slope, [](int64_t a, int64_t b) { return WrapMul(a, b); });
  return BadInput("PRelu does not take elements of type ", NameOf(x->dtype()));
}

}  // namespace

extern const OpDef kOp_onnx_PRelu = {.infer = ops::InferSameAsInput, .run = RunPRelu, .facts = {.elementwise = true, .in_place = true}};

}  // namespace samoyed
