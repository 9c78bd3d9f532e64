// QLinearAveragePool: AveragePool of a quantised [N, C, spatial...] tensor (or [N, spatial..., C] with channels_last).
// com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/microsoft/channels_last.h"
#include "ops/microsoft/qlinear.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The version of AveragePool that this operator follows.
ops::Callee Pool(const NodeContext& ctx) {
  return {"AveragePool", 10,
          ops::Pick(ctx.attributes(), {"auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"})};
}

bool ChannelsLast(const NodeContext& ctx) { return ctx.attributes().Int("channels_last") != 0; }

Status InferQLinearAveragePool(InferContext& ctx) {
  Type x = ops::TypeOfInput(ctx, 0);
  if (ChannelsLast(ctx)) x = ops::ChannelsToFront(std::move(x));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> out, ops::CallInfer(ctx, Pool(ctx), {std::move(x)}, {}));
  ctx.set_output_type(0, ChannelsLast(ctx) ? ops::ChannelsToBack(std::move(out[0])) : std::move(out[0]));
  return OkStatus();
}

Status RunQLinearAveragePool(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::QLinearUnary q, ops::QLinearUnaryOperands(ctx));
  SAMOYED_ASSIGN_OR_RETURN(Tensor x, Tensor::Allocate(DType::kDouble, q.x->shape()));
  StoreAll(x, ops::DequantizeAll(*q.x, q.in));
  if (ChannelsLast(ctx)) {
    SAMOYED_ASSIGN_OR_RETURN(x, ops::ChannelsToFront(ctx, x));
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor y, ops::CallForTensor(ctx, Pool(ctx), {std::move(x)}));
  if (ChannelsLast(ctx)) {
    SAMOYED_ASSIGN_OR_RETURN(y, ops::ChannelsToBack(ctx, y));
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, q.x->dtype(), y.shape());
  ops::QuantizeAll(LoadAll<double>(y), q.out, *out);
  return OkStatus();
}

constexpr SchemaAttr kAttributes[] = {ops::StringAttr("auto_pad", "NOTSET"),
                                      ops::IntAttr("ceil_mode", 0),
                                      ops::IntAttr("channels_last", 0),
                                      ops::IntAttr("count_include_pad", 0),
                                      ops::BareAttr("kernel_shape", SchemaAttrType::kInts, true),
                                      ops::BareAttr("pads", SchemaAttrType::kInts),
                                      ops::BareAttr("strides", SchemaAttrType::kInts)};
constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearAveragePool", ops::kQLinearUnaryInputs, ops::kQLinearUnaryOutputs, kAttributes, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearAveragePool = {
    .infer = InferQLinearAveragePool,
    .run = RunQLinearAveragePool,
    .schemas = kSchemas,
};

}  // namespace samoyed
