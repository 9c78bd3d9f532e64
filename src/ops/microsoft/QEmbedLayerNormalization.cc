// QEmbedLayerNormalization: EmbedLayerNormalization whose tables and norm are quantised. com.microsoft, ONNX Runtime's ContribOperators.
#include <algorithm>

#include "ops/common/call.h"
#include "ops/common/quantize.h"
#include "ops/common/schema_parts.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs {
  kWords,
  kSegments,
  kWordTable,
  kPositionTable,
  kSegmentTable,
  kGamma,
  kBeta,
  kMask,
  kFirstScale,
  kFirstZero = kFirstScale + 5
};

ops::Callee Embed(const NodeContext& ctx) {
  return {"EmbedLayerNormalization", 1, ops::Pick(ctx.attributes(), {"epsilon"}), std::max(1, ctx.num_outputs()), "com.microsoft"};
}

Status InferQEmbedLayerNormalization(InferContext& ctx) {
  Type table = ops::TypeOfInput(ctx, kWordTable);
  if (table.known()) table.dtype = DType::kFloat;
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> out,
                           ops::CallInfer(ctx, Embed(ctx), {ops::TypeOfInput(ctx, kWords), Type(), std::move(table)}, {}));
  for (int i = 0; i < ctx.num_outputs() && i < 2; ++i) ctx.set_output_type(i, std::move(out[static_cast<size_t>(i)]));
  return OkStatus();
}

// Table number `k` (words, positions, segments, gamma, beta) as real numbers; none where it is absent.
Result<Value> Real(const KernelContext& ctx, int k) {
  const Tensor* t = ctx.input(kWordTable + k);
  if (t == nullptr) return Value();
  if (!IsInteger(t->dtype()))
    return BadInput("QEmbedLayerNormalization needs integers as input ", kWordTable + k, ", got ", NameOf(t->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const ops::LinearQuantizer q, ops::QuantizerAt(ctx, kFirstScale + k, kFirstZero + k));
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(DType::kDouble, t->shape()));
  StoreAll(out, ops::DequantizeAll(*t, q));
  return Value(std::move(out));
}

Status RunQEmbedLayerNormalization(KernelContext& ctx) {
  std::vector<Value> inputs = {ops::ValueOfInput(ctx, kWords), ops::ValueOfInput(ctx, kSegments)};
  for (int k = 0; k < 5; ++k) {
    SAMOYED_ASSIGN_OR_RETURN(Value table, Real(ctx, k));
    inputs.push_back(std::move(table));
  }
  inputs.push_back(ops::ValueOfInput(ctx, kMask));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> out, ops::Call(ctx, Embed(ctx), std::move(inputs)));
  SAMOYED_RETURN_IF_ERROR(ops::StoreOutput(ctx, 0, DType::kFloat, out[0].tensor()));
  if (ctx.num_outputs() > 1 && ctx.wants_output(1)) ctx.set_output(1, std::move(out[1]));
  return OkStatus();
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T1", ops::kInt32Types}, {"T2", ops::kByteTypes}, {"T", ops::kFloatTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("input_ids", "T1"),
                                   ops::OptionalParam("segment_ids", "T1"),
                                   ops::Param("word_embedding_quant", "T2"),
                                   ops::Param("position_embedding_quant", "T2"),
                                   ops::OptionalParam("segment_embedding", "T2"),
                                   ops::Param("gamma_quant", "T2"),
                                   ops::Param("beta_quant", "T2"),
                                   ops::OptionalParam("mask", "T1"),
                                   ops::Param("word_embedding_scale", "T"),
                                   ops::Param("position_embedding_scale", "T"),
                                   ops::OptionalParam("segment_embedding_scale", "T"),
                                   ops::Param("gamma_scale", "T"),
                                   ops::Param("beta_scale", "T"),
                                   ops::Param("word_embedding_zero_point", "T2"),
                                   ops::Param("position_embedding_zero_point", "T2"),
                                   ops::OptionalParam("segment_embedding_zero_point", "T2"),
                                   ops::Param("gamma_zero_point", "T2"),
                                   ops::Param("beta_zero_point", "T2")};
constexpr SchemaParam kOutputs[] = {ops::Param("layernorm_out", "T"), ops::Param("mask_index_out", "T1")};
constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("epsilon", 1e-12f)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("QEmbedLayerNormalization", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_QEmbedLayerNormalization = {
    .infer = InferQEmbedLayerNormalization, .run = RunQEmbedLayerNormalization, .schemas = kSchemas};

}  // namespace samoyed
