// QLinearGlobalAveragePool: the mean over all spatial axes of a quantised [N, C, spatial...] tensor (or [N, spatial..., C]
// with channels_last). com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/microsoft/qlinear.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

int ChannelAxis(const Attributes& attributes, int rank) { return attributes.Int("channels_last") != 0 ? rank - 1 : 1; }

Status InferQLinearGlobalAveragePool(InferContext& ctx) {
  const Dims* x = ctx.input_shape(0);
  if (x == nullptr) {
    ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0)));
    return OkStatus();
  }
  if (x->size() < 2) return BadInput(ctx.op_type(), " needs at least two axes, got ", x->size());
  const auto channel_axis = static_cast<size_t>(ChannelAxis(ctx.attributes(), static_cast<int>(x->size())));
  Dims out = *x;
  for (size_t i = 1; i < out.size(); ++i) {
    if (i != channel_axis) out[i] = 1;
  }
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(0), std::move(out)));
  return OkStatus();
}

Status RunQLinearGlobalAveragePool(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::QLinearUnary q, ops::QLinearUnaryOperands(ctx));
  const Shape& shape = q.x->shape();
  if (shape.rank() < 2) return BadInput(ctx.op_type(), " needs at least two axes, got shape ", shape.ToString());
  const int channel_axis = ChannelAxis(ctx.attributes(), shape.rank());
  Shape out_shape = shape;
  for (int i = 1; i < shape.rank(); ++i) {
    if (i != channel_axis) out_shape[i] = 1;
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, q.x->dtype(), out_shape);
  if (out->size() == 0) return OkStatus();
  const int64_t channels = shape[channel_axis];
  const int64_t area = q.x->size() / (shape[0] * channels);
  if (area == 0) return BadInput(ctx.op_type(), " cannot average over no elements, shape ", shape.ToString());
  const int64_t step = channel_axis == 1 ? 1 : channels;
  const std::vector<int64_t> x = LoadAll<int64_t>(*q.x);
  std::vector<double> means(static_cast<size_t>(out->size()));
  for (int64_t n = 0; n < shape[0]; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t begin = n * channels * area + (channel_axis == 1 ? c * area : c);
      int64_t sum = 0;
      for (int64_t i = 0; i < area; ++i) sum += x[static_cast<size_t>(begin + i * step)];
      const double mean = static_cast<double>(sum) / static_cast<double>(area);
      means[static_cast<size_t>(n * channels + c)] = (mean - static_cast<double>(q.in.zero_point)) * q.in.scale;
    }
  }
  ops::QuantizeAll(means, q.out, *out);
  return OkStatus();
}

constexpr SchemaAttr kAttributes[] = {ops::IntAttr("channels_last", 0)};
constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearGlobalAveragePool", ops::kQLinearUnaryInputs, ops::kQLinearUnaryOutputs, kAttributes, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearGlobalAveragePool = {
    .infer = InferQLinearGlobalAveragePool,
    .run = RunQLinearGlobalAveragePool,
    .schemas = kSchemas,
};

}  // namespace samoyed
