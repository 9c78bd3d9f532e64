// NhwcMaxPool: MaxPool of bytes whose channels are the last axis. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/common/schema_parts.h"

namespace samoyed {
namespace {

ops::Callee Standard(const NodeContext& ctx) {
  return {"MaxPool", 12, ops::Pick(ctx.attributes(), {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "strides"})};
}

Status InferNhwcMaxPool(InferContext& ctx) {
  Type x = ops::TypeOfInput(ctx, 0);
  if (x.has_shape() && x.rank() >= 3) {
    x.shape->insert(x.shape->begin() + 1, x.shape->back());
    x.shape->pop_back();
  }
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> out, ops::CallInfer(ctx, Standard(ctx), {std::move(x)}, {}));
  if (out[0].has_shape() && out[0].rank() >= 3) {
    out[0].shape->push_back((*out[0].shape)[1]);
    out[0].shape->erase(out[0].shape->begin() + 1);
  }
  ctx.set_output_type(0, std::move(out[0]));
  return OkStatus();
}

Status RunNhwcMaxPool(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->rank() < 3) return BadInput("NhwcMaxPool needs [N, spatial..., C], got ", x->shape().ToString());
  std::vector<int64_t> to_front = {0, x->rank() - 1}, to_back = {0};
  for (int64_t i = 1; i < x->rank() - 1; ++i) {
    to_front.push_back(i);
    to_back.push_back(i + 1);
  }
  to_back.push_back(1);
  SAMOYED_ASSIGN_OR_RETURN(Tensor y, ops::CallForTensor(ctx, {"Transpose", 13, {{"perm", to_front}}}, {*x}));
  SAMOYED_ASSIGN_OR_RETURN(y, ops::CallForTensor(ctx, Standard(ctx), {y}));
  SAMOYED_ASSIGN_OR_RETURN(y, ops::CallForTensor(ctx, {"Transpose", 13, {{"perm", to_back}}}, {y}));
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
