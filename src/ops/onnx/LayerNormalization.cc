// LayerNormalization: over the axes from `axis` on, y = scale (x - mean) / sqrt(variance + epsilon) + bias; outputs 1 and 2 are
// the mean and the inverse standard deviation. https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

DType StatisticsType(const NodeContext& ctx) {
  return ctx.attributes().Int("stash_type", 1) == static_cast<int64_t>(DType::kBfloat16) ? DType::kBfloat16 : DType::kFloat;
}

Status InferLayerNormalization(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferSameAsInput(ctx));
  const Dims* x = ctx.input_shape(0);
  if (x == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), static_cast<int>(x->size())));
  Dims statistics = *x;
  for (size_t i = static_cast<size_t>(axis); i < statistics.size(); ++i) statistics[i] = 1;
  for (int i = 1; i < ctx.num_outputs(); ++i) ctx.set_output_type(i, Type::TensorOf(StatisticsType(ctx), statistics));
  return OkStatus();
}

// A parameter's elements for each place within a normalised group; it must broadcast to the group's shape.
Result<std::vector<double>> Parameter(const NodeContext& ctx, const Tensor* t, const Shape& group, double absent) {
  std::vector<double> out(static_cast<size_t>(group.NumElements()), absent);
  if (t == nullptr) return out;
  SAMOYED_ASSIGN_OR_RETURN(const Shape joint, BroadcastShapes(t->shape(), group));
  if (!(joint == group)) return BadInput(ctx.op_type(), ": a parameter of shape ", t->shape().ToString(), " does not broadcast to ", group.ToString());
  const std::vector<double> values = LoadAll<double>(*t);
  const Shape strides[] = {ops::BroadcastStrides(t->shape(), group)};
  const int64_t n = group.rank() == 0 ? 1 : group.back(), step = group.rank() == 0 ? 0 : strides[0].back();
  ops::ForEachRow(group, strides, [&](int64_t at, std::span<const int64_t> from) {
    for (int64_t i = 0; i < n; ++i) out[static_cast<size_t>(at + i)] = values[static_cast<size_t>(from[0] + i * step)];
  });
  return out;
}

Status RunLayerNormalization(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsFloat(x->dtype())) return BadInput(ctx.op_type(), " needs floats, got ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", -1), x->rank()));
  const Shape group(x->shape().dims().subspan(static_cast<size_t>(axis)));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> scale, Parameter(ctx, ctx.input(1), group, 1));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> bias, Parameter(ctx, ctx.input(2), group, 0));
  const double epsilon = ctx.attributes().Float("epsilon", 1e-5f);
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  std::vector<double> values = LoadAll<double>(*x);
  const auto outer = static_cast<size_t>(x->shape().Product(0, axis)), n = scale.size();
  std::vector<double> means(outer), inverses(outer);
  for (size_t o = 0; o < outer && n > 0; ++o) {
    double* line = values.data() + o * n;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; ++i) sum += line[i];
    means[o] = sum / static_cast<double>(n);
    for (size_t i = 0; i < n; ++i) squares += (line[i] - means[o]) * (line[i] - means[o]);
    inverses[o] = 1 / std::sqrt(squares / static_cast<double>(n) + epsilon);
    for (size_t i = 0; i < n; ++i) line[i] = (line[i] - means[o]) * inverses[o] * scale[i] + bias[i];
  }
  StoreAll(*y, values);
  Shape statistics = x->shape();
  for (int i = axis; i < statistics.rank(); ++i) statistics[i] = 1;
  for (int i = 1; i < ctx.num_outputs(); ++i) {
    if (!ctx.wants_output(i)) continue;
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, StatisticsType(ctx), statistics);
    StoreAll(*out, i == 1 ? means : inverses);
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_LayerNormalization = {.infer = InferLayerNormalization, .run = RunLayerNormalization, .facts = {.in_place = true}};

}  // namespace samoyed
