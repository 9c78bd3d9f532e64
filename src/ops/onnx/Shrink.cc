// Shrink: x + bias where x < -lambd, x - bias where x > lambd, 0 in between; integers are truncated. https://onnx.ai/onnx/operators/onnx__Shrink.html
#include <cmath>
#include <vector>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunShrink(KernelContext& ctx) {
  const double bias = ctx.attributes().Float("bias", 0), lambd = ctx.attributes().Float("lambd", 0.5f);
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (!IsFloat(in->dtype()) && !IsInteger(in->dtype())) return BadInput("Shrink does not take elements of type ", NameOf(in->dtype()));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), in->shape());
  std::vector<double> values = LoadAll<double>(*in);
  for (double& x : values) x = x < -lambd ? x + bias : x > lambd ? x - bias : std::isnan(x) ? x : 0;
  if (IsFloat(in->dtype())) {
    StoreAll(*out, values);
    return OkStatus();
  }
  // Integers wrap as numpy's casts do: through 64 bits, not clamped to the type.
  std::vector<int64_t> wrapped(values.size());
  for (size_t i = 0; i < values.size(); ++i) wrapped[i] = static_cast<int64_t>(std::fmax(-0x1p63, std::fmin(values[i], 0x1.fffffffffffffp62)));
  StoreAll(*out, wrapped);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Shrink = {
    .infer = ops::InferSameAsInput,
    .run = RunShrink,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
