// MeanVarianceNormalization: (x - mean) / (deviation + 1e-9) over `axes` (default 0, 2, 3).
// https://onnx.ai/onnx/operators/onnx__MeanVarianceNormalization.html
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunMeanVarianceNormalization(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsFloat(x->dtype())) return BadInput("MeanVarianceNormalization of ", NameOf(x->dtype()));
  constexpr int64_t kDefault[] = {0, 2, 3};
  const std::span<const int64_t> given = ctx.attributes().Has("axes") ? ctx.attributes().Ints("axes") : std::span<const int64_t>(kDefault);
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, ops::NormalizeAxes(given, x->rank()));
  Shape reduced = x->shape();
  for (int axis : axes) reduced[axis] = 1;
  const Shape strides[] = {ops::BroadcastStrides(reduced, x->shape())};
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  if (x->size() == 0) return OkStatus();
  std::vector<double> values = LoadAll<double>(*x);
  const auto groups = static_cast<size_t>(reduced.NumElements());
  const double count = static_cast<double>(x->size()) / static_cast<double>(groups);
  const int64_t inner = x->rank() == 0 ? 1 : x->shape().back(), step = x->rank() == 0 ? 0 : strides[0].back();
  // Calls fn(element, its group) for every element.
  const auto for_each = [&](auto fn) {
    ops::ForEachRow(x->shape(), strides, [&](int64_t at, std::span<const int64_t> from) {
      for (int64_t i = 0; i < inner; ++i) fn(values[static_cast<size_t>(at + i)], static_cast<size_t>(from[0] + i * step));
    });
  };
  std::vector<double> mean(groups), variance(groups);
  for_each([&](double& v, size_t g) { mean[g] += v / count; });
  for_each([&](double& v, size_t g) { variance[g] += (v - mean[g]) * (v - mean[g]) / count; });
  for_each([&](double& v, size_t g) { v = (v - mean[g]) / (std::sqrt(variance[g]) + 1e-9); });
  StoreAll(*y, values);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_MeanVarianceNormalization = {.infer = ops::InferSameAsInput, .run = RunMeanVarianceNormalization};

}  // namespace samoyed
