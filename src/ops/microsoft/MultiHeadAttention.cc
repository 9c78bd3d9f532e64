// MultiHeadAttention: attention of projected queries to projected keys and values, which may come with their heads apart, packed together,
// or with a past. com.microsoft, ONNX Runtime's ContribOperators.
#include <algorithm>
#include <cmath>

#include "ops/microsoft/attention.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kQuery, kKey, kValue, kBias, kMask, kAdded, kPastKey, kPastValue, kPastLength, kIndirection };

Status InferMultiHeadAttention(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(kQuery);
  const Dims* q = ctx.input_shape(kQuery);
  const Dims* v = ctx.input_shape(kValue);
  const int64_t heads = ctx.attributes().Int("num_heads");
  Dims out(3);
  if (q != nullptr && (q->size() == 3 || q->size() == 5)) {
    out[0] = (*q)[0];
    out[1] = (*q)[1];
    if (q->size() == 3 && v != nullptr && v->size() == 3) out[2] = (*v)[2];
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, out));
  const Dim head_count = heads > 0 ? Dim(heads) : Dim();
  for (int i = 1; i < std::min(3, ctx.num_outputs()); ++i)
    ctx.set_output_type(i, Type::TensorOf(dtype, Dims{out[0], head_count, Dim(), Dim()}));
  if (ctx.num_outputs() > 3) ctx.set_output_type(3, Type::TensorOf(dtype, Dims{out[0], head_count, out[1], Dim()}));
  return OkStatus();
}

// Part `which` of `count` from a tensor [batch, length, heads, count, size].
Result<ops::Heads> Unpack(const Tensor& packed, int64_t heads, int64_t count, int64_t which) {
  if (!IsFloat(packed.dtype()) || packed.rank() != 5 || packed.dim(2) != heads || packed.dim(3) != count) {
    return BadInput("MultiHeadAttention: packed heads must be floats [batch, length, ", heads, ", ", count, ", size], got ",
                    packed.shape().ToString());
  }
  const std::vector<double> all = LoadAll<double>(packed);
  ops::Heads out(packed.dim(0), heads, packed.dim(1), packed.dim(4));
  for (int64_t b = 0; b < out.batch; ++b) {
    for (int64_t s = 0; s < out.length; ++s) {
      for (int64_t h = 0; h < heads; ++h) {
        const int64_t from = (((b * out.length + s) * heads + h) * count + which) * out.size;
        std::copy_n(all.begin() + from, out.size, out.At(b, h, s));
      }
    }
  }
  return out;
}

// The bias's part for these heads, added; `first` moves behind it.
Status AddBias(const KernelContext& ctx, ops::Heads& to, int64_t& first) {
  const Tensor* bias = ctx.input(kBias);
  if (bias == nullptr) return OkStatus();
  const int64_t n = to.heads * to.size;
  if (!IsFloat(bias->dtype()) || bias->rank() != 1 || bias->size() - first < n) {
    return BadInput("MultiHeadAttention: a bias of shape ", bias->shape().ToString(), " is too short for query, key and value");
  }
  std::vector<double> added(static_cast<size_t>(n));
  Load(*bias, first, n, added.data());
  first += n;
  for (int64_t b = 0; b < to.batch; ++b) {
    for (int64_t h = 0; h < to.heads; ++h) {
      for (int64_t s = 0; s < to.length; ++s) {
        for (int64_t i = 0; i < to.size; ++i) to.At(b, h, s)[i] += added[static_cast<size_t>(h * to.size + i)];
      }
    }
  }
  return OkStatus();
}

struct Operands {
  ops::Heads q, k, v;
};

Result<Operands> ReadOperands(const KernelContext& ctx, int64_t heads) {
  Operands o;
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* query, RequireInput(ctx, kQuery));
  const Tensor *key = ctx.input(kKey), *value = ctx.input(kValue);
  bool heads_apart = false;
  if (query->rank() == 5) {
    SAMOYED_ASSIGN_OR_RETURN(o.q, Unpack(*query, heads, 3, 0));
    SAMOYED_ASSIGN_OR_RETURN(o.k, Unpack(*query, heads, 3, 1));
    SAMOYED_ASSIGN_OR_RETURN(o.v, Unpack(*query, heads, 3, 2));
  } else {
    SAMOYED_ASSIGN_OR_RETURN(o.q, ops::SplitHeads(ctx, *query, heads, "query"));
    if (key == nullptr) return BadInput("MultiHeadAttention needs a key unless the query is packed");
    if (key->rank() == 5) {
      SAMOYED_ASSIGN_OR_RETURN(o.k, Unpack(*key, heads, 2, 0));
      SAMOYED_ASSIGN_OR_RETURN(o.v, Unpack(*key, heads, 2, 1));
    } else if (value == nullptr) {
      return BadInput("MultiHeadAttention needs a value unless it is packed with the key");
    } else if (key->rank() == 4) {
      heads_apart = true;
      SAMOYED_ASSIGN_OR_RETURN(o.k, ops::ReadHeads(ctx, *key, "key"));
      SAMOYED_ASSIGN_OR_RETURN(o.v, ops::ReadHeads(ctx, *value, "value"));
    } else {
      SAMOYED_ASSIGN_OR_RETURN(o.k, ops::SplitHeads(ctx, *key, heads, "key"));
      SAMOYED_ASSIGN_OR_RETURN(o.v, ops::SplitHeads(ctx, *value, heads, "value"));
    }
  }
  int64_t first = 0;
  SAMOYED_RETURN_IF_ERROR(AddBias(ctx, o.q, first));
  if (!heads_apart) {
    SAMOYED_RETURN_IF_ERROR(AddBias(ctx, o.k, first));
    SAMOYED_RETURN_IF_ERROR(AddBias(ctx, o.v, first));
  }
  if (ctx.input(kPastKey) != nullptr && ctx.input(kPastValue) != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(const ops::Heads past_key, ops::ReadHeads(ctx, *ctx.input(kPastKey), "past_key"));
    SAMOYED_ASSIGN_OR_RETURN(const ops::Heads past_value, ops::ReadHeads(ctx, *ctx.input(kPastValue), "past_value"));
    SAMOYED_ASSIGN_OR_RETURN(o.k, ops::Append(ctx, past_key, o.k));
    SAMOYED_ASSIGN_OR_RETURN(o.v, ops::Append(ctx, past_value, o.v));
  }
  return o;
}

Status StoreHeads(KernelContext& ctx, int i, DType dtype, const ops::Heads& heads) {
  if (!ctx.wants_output(i)) return OkStatus();
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, dtype, (Shape{heads.batch, heads.heads, heads.length, heads.size}));
  StoreAll(*out, heads.data);
  return OkStatus();
}

Status RunMultiHeadAttention(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  const int64_t heads = a.Int("num_heads");
  if (ctx.input(kPastLength) != nullptr || ctx.input(kIndirection) != nullptr)
    return Unsupported("MultiHeadAttention with a shared buffer for past and present has no kernel");
  SAMOYED_ASSIGN_OR_RETURN(const Operands o, ReadOperands(ctx, heads));
  const DType dtype = ctx.input(kQuery)->dtype();
  const int64_t batch = o.q.batch, length = o.q.length, total = o.k.length;
  const double filter = static_cast<double>(a.Float("mask_filter_value", -10000));
  SAMOYED_ASSIGN_OR_RETURN(const ops::KeyMask mask, ops::KeyMask::Make(ctx, kMask, batch, length, total, filter));
  SAMOYED_ASSIGN_OR_RETURN(const ops::AttentionBias added, ops::AttentionBias::Make(ctx, kAdded, batch, heads, length, total));
  const bool causal = a.Int("unidirectional") != 0;
  const auto bias = [&](int64_t b, int64_t h, int64_t s, int64_t t) {
    return causal && t > s + total - length ? -INFINITY : mask(b, s, t) + added(b, h, s, t);
  };
  Tensor* probabilities = nullptr;
  if (ctx.wants_output(3)) {
    SAMOYED_ASSIGN_OR_RETURN(probabilities, ctx.AllocateOutput(3, dtype, {batch, heads, length, total}));
  }
  SAMOYED_RETURN_IF_ERROR(ops::Attend(ctx, o.q, o.k, o.v, {static_cast<double>(a.Float("scale")), 0, {}}, bias, dtype, probabilities));
  SAMOYED_RETURN_IF_ERROR(StoreHeads(ctx, 1, dtype, o.k));
  return StoreHeads(ctx, 2, dtype, o.v);
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kAttentionTypes}, {"QK", ops::kAttentionTypes}, {"M", ops::kInt32Types}};
constexpr SchemaParam kInputs[] = {ops::Param("query", "T"),
                                   ops::OptionalParam("key", "T"),
                                   ops::OptionalParam("value", "T"),
                                   ops::OptionalParam("bias", "T"),
                                   ops::OptionalParam("key_padding_mask", "M"),
                                   ops::OptionalParam("attention_bias", "T"),
                                   ops::OptionalParam("past_key", "T"),
                                   ops::OptionalParam("past_value", "T"),
                                   ops::OptionalParam("past_sequence_length", "M"),
                                   ops::OptionalParam("cache_indirection", "M")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T"), ops::OptionalParam("present_key", "T"),
                                    ops::OptionalParam("present_value", "T"), ops::OptionalParam("qk", "QK")};
constexpr SchemaAttr kAttributes[] = {ops::BareAttr("num_heads", SchemaAttrType::kInt, true),
                                      ops::BareAttr("mask_filter_value", SchemaAttrType::kFloat),
                                      ops::BareAttr("scale", SchemaAttrType::kFloat), ops::IntAttr("unidirectional", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("MultiHeadAttention", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_MultiHeadAttention = {.infer = InferMultiHeadAttention, .run = RunMultiHeadAttention, .schemas = kSchemas};

}  // namespace samoyed
