// QLinearConv: the standard's operator, with channels as the last axis of input and output on request (the weights stay as they
// are). com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/schema_parts.h"
#include "ops/microsoft/channels_last.h"

namespace samoyed {
namespace {

ops::Callee Conv(const NodeContext& ctx) {
  return {"QLinearConv", 10, ops::Pick(ctx.attributes(), {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"})};
}

bool ChannelsLast(const NodeContext& ctx) { return ctx.attributes().Int("channels_last") != 0; }

Status InferQLinearConv(InferContext& ctx) {
  if (!ChannelsLast(ctx)) return ops::InferAs(ctx, Conv(ctx));
  std::vector<Type> types;
  for (int i = 0; i < ctx.num_inputs(); ++i) types.push_back(ops::TypeOfInput(ctx, i));
  if (!types.empty()) types[0] = ops::ChannelsToFront(std::move(types[0]));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> out, ops::CallInfer(ctx, Conv(ctx), std::move(types), {}));
  ctx.set_output_type(0, ops::ChannelsToBack(std::move(out[0])));
  return OkStatus();
}

Status RunQLinearConv(KernelContext& ctx) {
  if (!ChannelsLast(ctx)) return ops::RunAs(ctx, Conv(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  std::vector<Value> inputs;
  for (int i = 0; i < ctx.num_inputs(); ++i) inputs.push_back(ops::ValueOfInput(ctx, i));
  SAMOYED_ASSIGN_OR_RETURN(inputs[0], ops::ChannelsToFront(ctx, *x));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor y, ops::CallForTensor(ctx, Conv(ctx), std::move(inputs)));
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, ops::ChannelsToBack(ctx, y));
  ctx.set_output(0, std::move(out));
  return OkStatus();
}

constexpr SchemaTypeConstraint kConstraints[] = {
    {"T1", ops::kByteTypes}, {"T2", ops::kByteTypes}, {"T3", ops::kByteTypes}, {"T4", ops::kInt32Types}};
constexpr SchemaParam kInputs[] = {ops::Param("x", "T1"),
                                   ops::Param("x_scale", "tensor(float)"),
                                   ops::Param("x_zero_point", "T1"),
                                   ops::Param("w", "T2"),
                                   ops::Param("w_scale", "tensor(float)"),
                                   ops::Param("w_zero_point", "T2"),
                                   ops::Param("y_scale", "tensor(float)"),
                                   ops::Param("y_zero_point", "T3"),
                                   ops::OptionalParam("B", "T4")};
constexpr SchemaParam kOutputs[] = {ops::Param("y", "T3")};
constexpr SchemaAttr kAttributes[] = {ops::StringAttr("auto_pad", "NOTSET"),
                                      ops::BareAttr("kernel_shape", SchemaAttrType::kInts),
                                      ops::BareAttr("dilations", SchemaAttrType::kInts),
                                      ops::BareAttr("strides", SchemaAttrType::kInts),
                                      ops::BareAttr("pads", SchemaAttrType::kInts),
                                      ops::IntAttr("group", 1),
                                      ops::IntAttr("channels_last", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("QLinearConv", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearConv = {.infer = InferQLinearConv, .run = RunQLinearConv, .schemas = kSchemas};

}  // namespace samoyed
