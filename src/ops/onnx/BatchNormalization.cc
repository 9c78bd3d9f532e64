// BatchNormalization: y = scale (x - mean) / sqrt(var + epsilon) + bias per channel (axis 1); with training_mode (from
// version 14) or is_test = 0 (below 7) by the batch's own statistics. https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
#include <algorithm>
#include <cmath>

#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

bool IsTraining(const NodeContext& ctx) {
  if (ctx.since_version() >= 14) return ctx.attributes().Int("training_mode") != 0;
  return ctx.since_version() < 7 && ctx.attributes().Int("is_test") == 0 && ctx.num_outputs() > 1;
}

Status InferBatchNormalization(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferSameAsInput(ctx));
  Dim channels;
  if (const Dims* x = ctx.input_shape(0); x != nullptr && x->size() > 1) channels = (*x)[1];
  for (int i = 1; i <= 4; ++i) {
    const Dims* p = ctx.input_shape(i);
    if (p == nullptr || p->size() != 1) continue;
    SAMOYED_ASSIGN_OR_RETURN(channels, ops::MergeDim(channels, (*p)[0]));
  }
  for (int i = 1; i < ctx.num_outputs(); ++i) {
    const int like = i == 1 || i == 3 ? 3 : 4;  // means like the mean, variances like the variance
    ctx.set_output_type(i, Type::TensorOf(ctx.input_dtype(ctx.since_version() >= 14 ? like : 0), Dims{channels}));
  }
  return OkStatus();
}

struct Statistics {
  std::vector<double> mean, variance;
};

// Means and (biased) variances per channel of [N, C, spatial...].
Statistics OfBatch(const std::vector<double>& x, int64_t n, int64_t channels, int64_t area) {
  Statistics s{std::vector<double>(static_cast<size_t>(channels)), std::vector<double>(static_cast<size_t>(channels))};
  const auto count = static_cast<double>(n * area);
  for (int64_t c = 0; c < channels; ++c) {
    const auto each = [&](auto fn) {
      double sum = 0;
      for (int64_t b = 0; b < n; ++b) {
        for (int64_t i = 0; i < area; ++i) sum += fn(x[static_cast<size_t>((b * channels + c) * area + i)]);
      }
      return sum / count;
    };
    const double mean = each([](double v) { return v; });
    s.mean[static_cast<size_t>(c)] = mean;
    s.variance[static_cast<size_t>(c)] = each([mean](double v) { return (v - mean) * (v - mean); });
  }
  return s;
}

Status RunBatchNormalization(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->rank() < 1 || !IsFloat(x->dtype())) return BadInput("BatchNormalization needs floats [N, C, ...], got ", NameOf(x->dtype()), x->shape().ToString());
  const int64_t n = x->dim(0), channels = x->rank() > 1 ? x->dim(1) : 1, area = x->shape().Product(std::min(2, x->rank()), x->rank());
  std::vector<double> parameters[4];
  for (int i = 0; i < 4; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* p, RequireInput(ctx, i + 1));
    const bool per_feature = ctx.since_version() < 9 && ctx.attributes().Int("spatial", 1) == 0;
    if (per_feature) return Unsupported("BatchNormalization with spatial = 0 (versions 1 to 7) has no kernel");
    if (p->size() != channels || !IsFloat(p->dtype())) {
      return BadInput("BatchNormalization: input ", i + 1, " must hold ", channels, " floats, got ", NameOf(p->dtype()), p->shape().ToString());
    }
    parameters[i] = LoadAll<double>(*p);
  }
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  std::vector<double> values = LoadAll<double>(*x);
  Statistics used{parameters[2], parameters[3]};
  if (IsTraining(ctx)) {
    used = OfBatch(values, n, channels, area);
    const double momentum = ctx.attributes().Float("momentum", 0.9f);
    for (int i = 1; i < std::min(ctx.num_outputs(), 3); ++i) {
      if (!ctx.wants_output(i)) continue;
      const auto& batch = i == 1 ? used.mean : used.variance;
      SAMOYED_ALLOCATE_OUTPUT(running, ctx, i, ctx.input(i + 2)->dtype(), Shape{channels});
      std::vector<double> mixed = parameters[i + 1];
      for (size_t c = 0; c < mixed.size(); ++c) mixed[c] = mixed[c] * momentum + batch[c] * (1 - momentum);
      StoreAll(*running, mixed);
    }
  }
  const double epsilon = ctx.attributes().Float("epsilon", 1e-5f);
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t c = i / static_cast<size_t>(area) % static_cast<size_t>(channels);
    values[i] = parameters[0][c] * (values[i] - used.mean[c]) / std::sqrt(used.variance[c] + epsilon) + parameters[1][c];
  }
  StoreAll(*y, values);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_BatchNormalization = {.infer = InferBatchNormalization, .run = RunBatchNormalization, .facts = {.in_place = true, .takes_epilogue = true}};

}  // namespace samoyed
