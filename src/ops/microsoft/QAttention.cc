// QAttention: Attention whose input and projection are quantised, the latter per tensor or per column. com.microsoft, ONNX Runtime's
// ContribOperators.
#include <algorithm>

#include "ops/common/call.h"
#include "ops/common/expand.h"
#include "ops/common/quantize.h"
#include "ops/common/schema_parts.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kInput, kWeight, kBias, kInputScale, kWeightScale, kMask, kInputZero, kWeightZero, kPast };

ops::Callee Attention(const NodeContext& ctx) {
  return {
      "Attention", 1,
      ops::Pick(ctx.attributes(), {"num_heads", "unidirectional", "mask_filter_value", "scale", "do_rotary", "past_present_share_buffer"}),
      std::max(1, ctx.num_outputs()), "com.microsoft"};
}

Status InferQAttention(InferContext& ctx) {
  const auto real = [&](int i) {
    Type type = ops::TypeOfInput(ctx, i);
    if (type.known()) type.dtype = ctx.input_dtype(kInputScale);
    return type;
  };
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> out, ops::CallInfer(ctx, Attention(ctx), {real(kInput), real(kWeight)}, {}));
  for (int i = 0; i < ctx.num_outputs() && i < 2; ++i) ctx.set_output_type(i, std::move(out[static_cast<size_t>(i)]));
  return OkStatus();
}

// The weights as real numbers; scale and zero point are one, or one a column.
Result<Tensor> RealWeight(const KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, kWeight));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, RequireInput(ctx, kWeightScale));
  if (!IsInteger(w->dtype()) || w->rank() != 2)
    return BadInput("QAttention needs weights of integers and rank 2, got ", NameOf(w->dtype()), w->shape().ToString());
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> values, ops::LoadCentred(ctx, *w, ctx.input(kWeightZero), 1));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> scales, ops::BroadcastParameter(ctx, *scale, w->shape(), 1, "weight_scale"));
  for (size_t i = 0; i < values.size(); ++i) values[i] *= scales[i];
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(DType::kDouble, w->shape()));
  StoreAll(out, values);
  return out;
}

Status RunQAttention(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, kInput));
  if (!IsInteger(x->dtype())) return BadInput("QAttention needs integers as input, got ", NameOf(x->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scale, RequireInput(ctx, kInputScale));
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer q, ops::QuantizerAt(ctx, kInputScale, kInputZero));
  SAMOYED_ASSIGN_OR_RETURN(Tensor real, Tensor::Allocate(DType::kDouble, x->shape()));
  StoreAll(real, ops::DequantizeAll(*x, q));
  SAMOYED_ASSIGN_OR_RETURN(Tensor weight, RealWeight(ctx));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> out, ops::Call(ctx, Attention(ctx),
                                                             {std::move(real), std::move(weight), ops::ValueOfInput(ctx, kBias),
                                                              ops::ValueOfInput(ctx, kMask), ops::ValueOfInput(ctx, kPast)}));
  for (int i = 0; i < ctx.num_outputs() && i < 2; ++i) {
    if (ctx.wants_output(i)) SAMOYED_RETURN_IF_ERROR(ops::StoreOutput(ctx, i, scale->dtype(), out[static_cast<size_t>(i)].tensor()));
  }
  return OkStatus();
}

constexpr SchemaTypeConstraint kConstraints[] = {
    {"T1", ops::kByteTypes}, {"T2", ops::kByteTypes}, {"T3", ops::kAnyFloatTypes}, {"T4", ops::kInt32Types}};
constexpr SchemaParam kInputs[] = {ops::Param("input", "T1"),
                                   ops::Param("weight", "T2"),
                                   ops::Param("bias", "T3"),
                                   ops::Param("input_scale", "T3"),
                                   ops::Param("weight_scale", "T3"),
                                   ops::OptionalParam("mask_index", "T4"),
                                   ops::OptionalParam("input_zero_point", "T1"),
                                   ops::OptionalParam("weight_zero_point", "T2"),
                                   ops::OptionalParam("past", "T3")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T3"), ops::OptionalParam("present", "T3")};
constexpr SchemaAttr kAttributes[] = {
    ops::BareAttr("num_heads", SchemaAttrType::kInt, true), ops::IntAttr("unidirectional", 0),
    ops::BareAttr("scale", SchemaAttrType::kFloat),         ops::BareAttr("mask_filter_value", SchemaAttrType::kFloat),
    ops::BareAttr("do_rotary", SchemaAttrType::kInt),       ops::BareAttr("past_present_share_buffer", SchemaAttrType::kInt)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("QAttention", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_QAttention = {.infer = InferQAttention, .run = RunQAttention, .schemas = kSchemas};

}  // namespace samoyed
