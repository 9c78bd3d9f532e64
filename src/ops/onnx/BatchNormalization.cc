// BatchNormalization: y = scale (x - mean) / sqrt(var + epsilon) + bias per channel (axis 1), or (spatial = 0, below version 9) per
// place within an image; by the batch's own statistics with training_mode (from version 14), is_test = 0 (below 7) or, in between,
// when the node has more outputs than y: the running mean and variance, and below 14 the batch's own.
// https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
#include <algorithm>
#include <cmath>

#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

bool IsTraining(const NodeContext& ctx) {
  if (ctx.since_version() >= 14) return ctx.attributes().Int("training_mode") != 0;
  return ctx.num_outputs() > 1 && (ctx.since_version() >= 7 || ctx.attributes().Int("is_test") == 0);
}

// Every place within an image has parameters of its own.
bool IsPerPlace(const NodeContext& ctx) { return ctx.since_version() < 9 && ctx.attributes().Int("spatial", 1) == 0; }

Status InferBatchNormalization(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferSameAsInput(ctx));
  Dims shape(1);  // of the parameters
  const bool per_place = IsPerPlace(ctx);
  if (const Dims* x = ctx.input_shape(0); x != nullptr && x->size() > 1) shape = per_place ? Dims(x->begin() + 1, x->end()) : Dims{(*x)[1]};
  for (int i = 1; i <= 4; ++i) {
    const Dims* p = ctx.input_shape(i);
    if (p == nullptr) continue;
    if (p->size() != shape.size()) {
      if (per_place) shape = *p;  // versions 1 and 6 do not say whether it is flat
      continue;
    }
    for (size_t k = 0; k < shape.size(); ++k) {
      SAMOYED_ASSIGN_OR_RETURN(shape[k], ops::MergeDim(shape[k], (*p)[k]));
    }
  }
  for (int i = 1; i < ctx.num_outputs(); ++i) {
    const int like = i == 1 || i == 3 ? 3 : 4;  // means like the mean, variances like the variance
    ctx.set_output_type(i, Type::TensorOf(ctx.input_dtype(ctx.since_version() >= 14 ? like : 0), shape));
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
  const int64_t n = x->dim(0);
  const int split = std::min(IsPerPlace(ctx) ? x->rank() : 2, x->rank());  // the axes before have parameters of their own
  const int64_t channels = x->shape().Product(1, split), area = x->shape().Product(split, x->rank());
  std::vector<double> parameters[4];
  for (int i = 0; i < 4; ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* p, RequireInput(ctx, i + 1));
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
    for (int i = 1; i < std::min(ctx.num_outputs(), 5); ++i) {
      if (!ctx.wants_output(i)) continue;
      const int like = i == 1 || i == 3 ? 3 : 4;
      SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, ctx.input(like)->dtype(), ctx.input(like)->shape());
      std::vector<double> mixed = like == 3 ? used.mean : used.variance;
      const std::vector<double>& running = parameters[like - 1];
      for (size_t c = 0; i < 3 && c < mixed.size(); ++c) mixed[c] = running[c] * momentum + mixed[c] * (1 - momentum);
      StoreAll(*out, mixed);
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
