// Attention: self-attention whose projections to query, key and value are one matrix. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/microsoft/attention.h"

#include <algorithm>
#include <cmath>

#include "ops/common/infer.h"
#include "ops/common/matrix.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kInput, kWeights, kBias, kMask, kPast, kAdded, kPastLength };

// The widths of query, key and value; they sum up to the weights' columns.
Result<std::vector<int64_t>> Widths(const NodeContext& ctx, int64_t columns) {
  const int64_t heads = ctx.attributes().Int("num_heads");
  const auto given = ctx.attributes().Ints("qkv_hidden_sizes");
  std::vector<int64_t> widths(given.begin(), given.end());
  if (widths.empty()) widths.assign(3, columns / 3);
  bool good = heads > 0 && widths.size() == 3;
  for (size_t i = 0; good && i < 3; ++i) good = widths[i] > 0 && widths[i] <= columns && widths[i] % heads == 0;
  if (!good || widths[0] != widths[1] || widths[0] + widths[1] + widths[2] != columns) {
    return BadInput("Attention: ", columns, " columns of weights do not split into query, key and value of ", heads, " heads");
  }
  return widths;
}

Status InferAttention(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(kInput);
  const Dims* x = ctx.input_shape(kInput);
  const Dims* w = ctx.input_shape(kWeights);
  if ((x != nullptr && x->size() != 3) || (w != nullptr && w->size() != 2))
    return BadInput("Attention needs an input of rank 3 and weights of rank 2");
  Dims out = x == nullptr ? Dims(3) : *x;
  out[2] = Dim();
  std::vector<int64_t> widths;
  if (w != nullptr && (*w)[1].known()) {
    SAMOYED_ASSIGN_OR_RETURN(widths, Widths(ctx, (*w)[1].value));
    out[2] = Dim(widths[2]);
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, out));
  if (ctx.num_outputs() < 2) return OkStatus();
  const int64_t heads = ctx.attributes().Int("num_heads");
  ctx.set_output_type(1, Type::TensorOf(dtype, Dims{Dim(2), out[0], heads > 0 ? Dim(heads) : Dim(), Dim(),
                                                    widths.empty() ? Dim() : Dim(widths[0] / heads)}));
  return OkStatus();
}

// X times the weights, plus the bias: [batch * length, columns].
Result<std::vector<double>> Project(KernelContext& ctx, const Tensor& x, const Tensor& w) {
  SAMOYED_ASSIGN_OR_RETURN(const ops::MatMulPlan plan, ops::PlanMatMul(ctx, x.shape(), w.shape()));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<double> y, ops::MultiplyBatches(ctx, plan, LoadAll<double>(x), LoadAll<double>(w)));
  const Tensor* bias = ctx.input(kBias);
  if (bias == nullptr) return y;
  if (!IsFloat(bias->dtype()) || bias->size() != plan.n)
    return BadInput("Attention: the bias has shape ", bias->shape().ToString(), ", the weights ", plan.n, " columns");
  const std::vector<double> added = LoadAll<double>(*bias);
  for (size_t i = 0; i < y.size(); ++i) y[i] += added[i % added.size()];
  return y;
}

// Key and value with the past before them; output 1 where the node has it.
Status TakePast(KernelContext& ctx, DType dtype, ops::Heads& k, ops::Heads& v) {
  if (const Tensor* past = ctx.input(kPast)) {
    const Shape half = past->rank() == 5 ? Shape(past->shape().dims().subspan(1)) : Shape();
    if (!IsFloat(past->dtype()) || past->rank() != 5 || past->dim(0) != 2)
      return BadInput("Attention: past must be floats [2, batch, heads, length, size], got ", past->shape().ToString());
    const std::vector<double> both = LoadAll<double>(*past);
    ops::Heads parts[2] = {ops::Heads(half[0], half[1], half[2], half[3]), ops::Heads(half[0], half[1], half[2], half[3])};
    std::copy_n(both.begin(), parts[0].data.size(), parts[0].data.begin());
    std::copy(both.begin() + static_cast<int64_t>(parts[0].data.size()), both.end(), parts[1].data.begin());
    SAMOYED_ASSIGN_OR_RETURN(k, ops::Append(ctx, parts[0], k));
    SAMOYED_ASSIGN_OR_RETURN(v, ops::Append(ctx, parts[1], v));
  }
  if (!ctx.wants_output(1)) return OkStatus();
  if (k.size != v.size) return BadInput("Attention: a present state needs keys and values of one size, got ", k.size, " and ", v.size);
  SAMOYED_ALLOCATE_OUTPUT(present, ctx, 1, dtype, (Shape{2, k.batch, k.heads, k.length, k.size}));
  const auto n = static_cast<int64_t>(k.data.size());
  Store(*present, 0, n, k.data.data());
  Store(*present, n, n, v.data.data());
  return OkStatus();
}

Status RunAttention(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, kInput));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* w, RequireInput(ctx, kWeights));
  if (!IsFloat(x->dtype()) || !IsFloat(w->dtype()) || x->rank() != 3 || w->rank() != 2) {
    return BadInput("Attention needs floats [batch, length, width] and weights of rank 2, got ", x->shape().ToString(), " and ",
                    w->shape().ToString());
  }
  if (a.Int("do_rotary") != 0 || a.Int("past_present_share_buffer") != 0)
    return Unsupported("Attention with do_rotary or past_present_share_buffer has no kernel");
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int64_t> widths, Widths(ctx, w->dim(1)));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> projected, Project(ctx, *x, *w));
  const int64_t batch = x->dim(0), length = x->dim(1), heads = a.Int("num_heads");
  ops::Heads parts[3];
  int64_t first = 0;
  for (size_t i = 0; i < 3; ++i) {
    parts[i] = ops::SplitHeads(projected.data(), batch, length, w->dim(1), first, heads, widths[i] / heads);
    first += widths[i];
  }
  SAMOYED_RETURN_IF_ERROR(TakePast(ctx, x->dtype(), parts[1], parts[2]));
  const int64_t total = parts[1].length;
  const double filter = static_cast<double>(a.Float("mask_filter_value", -10000));
  SAMOYED_ASSIGN_OR_RETURN(const ops::KeyMask mask, ops::KeyMask::Make(ctx, kMask, batch, length, total, filter));
  SAMOYED_ASSIGN_OR_RETURN(const ops::AttentionBias added, ops::AttentionBias::Make(ctx, kAdded, batch, heads, length, total));
  const bool causal = a.Int("unidirectional") != 0;
  const auto bias = [&](int64_t b, int64_t h, int64_t s, int64_t t) {
    return causal && t > s + total - length ? -INFINITY : mask(b, s, t) + added(b, h, s, t);
  };
  return ops::Attend(ctx, parts[0], parts[1], parts[2], {static_cast<double>(a.Float("scale")), 0, {}}, bias, x->dtype());
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kAttentionTypes}, {"M", ops::kInt32Types}};
constexpr SchemaParam kInputs[] = {ops::Param("input", "T"),
                                   ops::Param("weights", "T"),
                                   ops::OptionalParam("bias", "T"),
                                   ops::OptionalParam("mask_index", "M"),
                                   ops::OptionalParam("past", "T"),
                                   ops::OptionalParam("attention_bias", "T"),
                                   ops::OptionalParam("past_sequence_length", "M")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T"), ops::OptionalParam("present", "T")};
constexpr SchemaAttr kAttributes[] = {
    ops::BareAttr("num_heads", SchemaAttrType::kInt, true),     ops::IntAttr("unidirectional", 0),
    ops::BareAttr("qkv_hidden_sizes", SchemaAttrType::kInts),   ops::BareAttr("past_present_share_buffer", SchemaAttrType::kInt),
    ops::BareAttr("do_rotary", SchemaAttrType::kInt),           ops::BareAttr("rotary_embedding_dim", SchemaAttrType::kInt),
    ops::BareAttr("mask_filter_value", SchemaAttrType::kFloat), ops::BareAttr("scale", SchemaAttrType::kFloat)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("Attention", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_Attention = {.infer = InferAttention, .run = RunAttention, .schemas = kSchemas};

}  // namespace samoyed
