// QLinearReduceMean: ReduceMean of a quantised tensor. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/call.h"
#include "ops/microsoft/qlinear.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

ops::Callee Mean(const NodeContext& ctx) { return {"ReduceMean", 13, ops::Pick(ctx.attributes(), {"axes", "keepdims"})}; }

Status InferQLinearReduceMean(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> out, ops::CallInfer(ctx, Mean(ctx), {ops::TypeOfInput(ctx, 0)}, {}));
  ctx.set_output_type(0, std::move(out[0]));
  return OkStatus();
}

Status RunQLinearReduceMean(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::QLinearUnary q, ops::QLinearUnaryOperands(ctx));
  SAMOYED_ASSIGN_OR_RETURN(Tensor x, Tensor::Allocate(DType::kDouble, q.x->shape()));
  StoreAll(x, ops::DequantizeAll(*q.x, q.in));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor y, ops::CallForTensor(ctx, Mean(ctx), {std::move(x)}));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, q.x->dtype(), y.shape());
  ops::QuantizeAll(LoadAll<double>(y), q.out, *out);
  return OkStatus();
}

constexpr SchemaAttr kAttributes[] = {ops::BareAttr("axes", SchemaAttrType::kInts, true),
                                      ops::BareAttr("keepdims", SchemaAttrType::kInt, true)};
constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearReduceMean", ops::kQLinearUnaryInputs, ops::kQLinearUnaryOutputs, kAttributes, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearReduceMean = {.infer = InferQLinearReduceMean, .run = RunQLinearReduceMean, .schemas = kSchemas};

}  // namespace samoyed
