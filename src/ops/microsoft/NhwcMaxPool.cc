// NhwcMaxPool: MaxPool of bytes whose channels are the last axis. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/schema_parts.h"
#include "ops/microsoft/channels_last.h"

namespace samoyed {
namespace {

ops::Callee Standard(const NodeContext& ctx) {
  return {"MaxPool", 12, ops::Pick(ctx.attributes(), {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "strides"})};
}

Status InferNhwcMaxPool(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> out, ops::CallInfer(ctx, Standard(ctx), {ops::ChannelsToFront(ops::TypeOfInput(ctx, 0))}, {}));
  ctx.set_output_type(0, ops::ChannelsToBack(std::move(out[0])));
  return OkStatus();
}

Status RunNhwcMaxPool(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(Tensor y, ops::ChannelsToFront(ctx, *x));
  SAMOYED_ASSIGN_OR_RETURN(y, ops::CallForTensor(ctx, Standard(ctx), {y}));
  SAMOYED_ASSIGN_OR_RETURN(y, ops::ChannelsToBack(ctx, y));
  ctx.set_output(0, std::move(y));
  return OkStatus();
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kByteTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("x", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("y", "T")};
constexpr SchemaAttr kAttributes[] = {ops::StringAttr("auto_pad", "NOTSET"),
                                      ops::BareAttr("kernel_shape", SchemaAttrType::kInts, true),
                                      ops::BareAttr("dilations", SchemaAttrType::kInts),
                                      ops::BareAttr("strides", SchemaAttrType::kInts),
                                      ops::BareAttr("pads", SchemaAttrType::kInts),
                                      ops::IntAttr("ceil_mode", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("NhwcMaxPool", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_NhwcMaxPool = {.infer = InferNhwcMaxPool, .run = RunNhwcMaxPool, .schemas = kSchemas};

}  // namespace samoyed
