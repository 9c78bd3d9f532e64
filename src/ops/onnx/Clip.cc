// Clip: min(max(x, low), high); the bounds are attributes below version 11, inputs from then on.
// https://onnx.ai/onnx/operators/onnx__Clip.html
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// The bound at input i, or `fallback` where it is absent.
template <typename Wide>
Result<Wide> BoundAt(KernelContext& ctx, int i, const Tensor& x, Wide fallback) {
  const Tensor* bound = ctx.input(i);
  if (bound == nullptr) return fallback;
  if (bound->size() != 1 || bound->dtype() != x.dtype()) {
    return BadInput("Clip: bound ", i, " must be one ", NameOf(x.dtype()), ", got ", NameOf(bound->dtype()), bound->shape().ToString());
  }
  return At<Wide>(*bound);
}

template <typename Wide>
Status ClipAs(KernelContext& ctx, const Tensor& x, Wide lowest, Wide highest) {
  SAMOYED_ASSIGN_OR_RETURN(const Wide low, BoundAt<Wide>(ctx, 1, x, lowest));
  SAMOYED_ASSIGN_OR_RETURN(const Wide high, BoundAt<Wide>(ctx, 2, x, highest));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x.dtype(), x.shape());
  std::vector<Wide> values = LoadAll<Wide>(x);
  for (Wide& v : values) v = v < low ? low : v, v = v > high ? high : v;  // NaN stays; low > high gives high
  StoreAll(*y, values);
  return OkStatus();
}

Status RunClip(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  switch (ClassOf(x->dtype())) {
    case DTypeClass::kFloat: {
      constexpr float kLargest = std::numeric_limits<float>::max();
      const bool attributes = ctx.since_version() < 11;
      const double inf = std::numeric_limits<double>::infinity();
      const double low = attributes ? ctx.attributes().Float("min", -kLargest) : -inf;
      const double high = attributes ? ctx.attributes().Float("max", kLargest) : inf;
      return ClipAs<double>(ctx, *x, low, high);
    }
    case DTypeClass::kSigned:
      return ClipAs<int64_t>(ctx, *x, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
    case DTypeClass::kUnsigned:
      return ClipAs<uint64_t>(ctx, *x, 0, std::numeric_limits<uint64_t>::max());
    default:
      return BadInput("Clip does not take elements of type ", NameOf(x->dtype()));
  }
}

}  // namespace

extern const OpDef kOp_onnx_Clip = {
    .infer = ops::InferSameAsInput,
    .run = RunClip,
    .facts = {.elementwise = true, .in_place = true, .activation = Activation::kClip},
};

}  // namespace samoyed
