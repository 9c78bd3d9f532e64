// GroupQueryAttention: causal attention with a cache of keys and values, fewer key heads than query heads, and rotary embeddings on
// request. com.microsoft, ONNX Runtime's ContribOperators. Not known: quantised and windowed caches, padded query chunks, scores as an
// output.
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/microsoft/attention.h"
#include "ops/microsoft/layer_norm.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs {
  kQuery,
  kKey,
  kValue,
  kPastKey,
  kPastValue,
  kLengths,
  kTotal,
  kCos,
  kSin,
  kPositions,
  kAdded,
  kSink,
  kKeyScale,
  kValueScale,
  kQueryNorm,
  kKeyNorm,
  kQueryLengths,
};

constexpr int64_t kMostHeads = 1 << 20;

struct Sizes {
  int64_t batch = 0, length = 0, heads = 0, kv_heads = 0, size = 0, total = 0;
  bool packed = false;
  std::vector<int64_t> past;  // of each batch entry
};

Status InferGroupQueryAttention(InferContext& ctx) {
  const Attributes& a = ctx.attributes();
  const int64_t heads = a.Int("num_heads"), kv_heads = a.Int("kv_num_heads");
  const Dims* q = ctx.input_shape(kQuery);
  Dims out(3);
  Dim size;
  if (q != nullptr && q->size() == 3 && heads > 0 && heads <= kMostHeads && kv_heads > 0 && kv_heads <= heads) {
    out = *q;
    const bool packed = ctx.input_type(kKey) == nullptr;
    const int64_t parts = packed ? heads + 2 * kv_heads : heads;
    if ((*q)[2].known() && (*q)[2].value % parts == 0) size = Dim((*q)[2].value / parts);
    if (packed) out[2] = size.known() ? Dim(size.value * heads) : Dim();
  }
  ctx.set_output_type(0, Type::TensorOf(ctx.input_dtype(kQuery), out));
  for (int i = 1; i < std::min(3, ctx.num_outputs()); ++i) {
    ctx.set_output_type(i, Type::TensorOf(ctx.input_dtype(kQuery), Dims{out[0], kv_heads > 0 ? Dim(kv_heads) : Dim(), Dim(), size}));
  }
  return OkStatus();
}

Status RefuseUnknown(const KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  if (ctx.input(kKeyScale) != nullptr || ctx.input(kValueScale) != nullptr)
    return Unsupported("GroupQueryAttention with a quantised cache has no kernel");
  if (a.Int("sliding_window_cache") != 0 || ctx.input(kQueryLengths) != nullptr)
    return Unsupported("GroupQueryAttention with a windowed cache or padded queries has no kernel");
  if (ctx.num_outputs() > 3 && ctx.wants_output(3)) return Unsupported("GroupQueryAttention with its scores as an output has no kernel");
  return OkStatus();
}

Result<Sizes> ReadSizes(const KernelContext& ctx, const Tensor& query) {
  const Attributes& a = ctx.attributes();
  Sizes z;
  z.heads = a.Int("num_heads");
  z.kv_heads = a.Int("kv_num_heads");
  z.packed = ctx.input(kKey) == nullptr;
  if (z.heads < 1 || z.kv_heads < 1 || z.heads > kMostHeads || z.heads % z.kv_heads != 0)
    return BadInput("GroupQueryAttention: ", z.heads, " query heads do not share ", z.kv_heads, " key heads");
  const int64_t parts = z.packed ? z.heads + 2 * z.kv_heads : z.heads;
  if (!IsFloat(query.dtype()) || query.rank() != 3 || query.dim(2) % parts != 0) {
    return BadInput("GroupQueryAttention: the query must be floats [batch, length, ", parts, " heads * size], got ",
                    query.shape().ToString());
  }
  z.batch = query.dim(0);
  z.length = query.dim(1);
  z.size = query.dim(2) / parts;
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* total, RequireInput(ctx, kTotal));
  SAMOYED_ASSIGN_OR_RETURN(z.total, ops::ReadInt(*total, "total_sequence_length"));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* lengths, RequireInput(ctx, kLengths));
  if (!IsInteger(lengths->dtype()) || lengths->size() != z.batch)
    return BadInput("GroupQueryAttention: seqlens_k must hold ", z.batch, " integers, got ", lengths->shape().ToString());
  if (z.total < z.length) return BadInput("GroupQueryAttention: total_sequence_length is ", z.total, ", there are ", z.length, " queries");
  for (int64_t last : LoadAll<int64_t>(*lengths)) {
    // A prompt has no past, whatever its real length is; later steps end at the last place.
    const int64_t past = z.length == z.total ? 0 : last + 1 - z.length;
    if (last < 0 || last >= z.total || past < 0)
      return BadInput("GroupQueryAttention: seqlens_k holds ", last, ", which does not fit ", z.length, " queries and a total of ",
                      z.total);
    z.past.push_back(past);
  }
  return z;
}

// The cache with the new heads behind each entry's past: [batch, kv_heads, max(cache, total), size].
Result<ops::Heads> Extend(const KernelContext& ctx, int i, const Sizes& z, const ops::Heads& now) {
  ops::Heads past;
  if (const Tensor* t = ctx.input(i)) {
    SAMOYED_ASSIGN_OR_RETURN(past, ops::ReadHeads(ctx, *t, i == kPastKey ? "past_key" : "past_value"));
    if (past.batch != z.batch || past.heads != z.kv_heads || past.size != z.size)
      return BadInput("GroupQueryAttention: a past of shape ", t->shape().ToString(), " does not fit the new keys");
  }
  const int64_t length = std::max(past.length, z.total);
  SAMOYED_RETURN_IF_ERROR(Shape({z.batch, z.kv_heads, length, z.size}).CheckedNumElements().status());
  // What the total says has to be there: either from the past or new.
  if (length > past.length + z.length)
    return BadInput("GroupQueryAttention: total_sequence_length is ", z.total, ", past and present have ", past.length, " and ", z.length);
  ops::Heads out(z.batch, z.kv_heads, length, z.size);
  for (int64_t b = 0; b < z.batch; ++b) {
    const int64_t kept = z.past[static_cast<size_t>(b)];
    if (kept > past.length) return BadInput("GroupQueryAttention: seqlens_k asks for ", kept, " past places, the cache has ", past.length);
    for (int64_t h = 0; h < z.kv_heads; ++h) {
      if (kept > 0) std::copy_n(past.At(b, h, 0), kept * z.size, out.At(b, h, 0));
      std::copy_n(now.At(b, h, 0), z.length * z.size, out.At(b, h, kept));
    }
  }
  return out;
}

// Norms and rotations of queries or keys, in place.
Status Prepare(const KernelContext& ctx, const Sizes& z, const ops::RotaryTables* tables, const std::vector<int64_t>& positions,
               int norm_input, std::string_view epsilon, ops::Heads& heads) {
  const Attributes& a = ctx.attributes();
  if (ctx.input(norm_input) != nullptr) {
    ops::RowNorm norm{true, static_cast<double>(a.Float(epsilon, a.Float("qk_norm_epsilon", 1e-6f))), {}, {}};
    SAMOYED_ASSIGN_OR_RETURN(norm.scale, ops::RowParameter(ctx, norm_input, z.size, "the norm's weight"));
    for (int64_t r = 0; r < heads.batch * heads.heads * heads.length; ++r) norm.Apply(heads.data.data() + r * z.size, z.size);
  }
  if (tables == nullptr) return OkStatus();
  const bool interleaved = a.Int("rotary_interleaved") != 0;
  for (int64_t b = 0; b < heads.batch; ++b) {
    for (int64_t s = 0; s < heads.length; ++s) {
      const int64_t place = positions.empty() ? z.past[static_cast<size_t>(b)] + s : positions[static_cast<size_t>(b * z.length + s)];
      if (place < 0 || place >= tables->places)
        return BadInput("GroupQueryAttention: place ", place, " is not in the tables' [0, ", tables->places, ")");
      for (int64_t h = 0; h < heads.heads; ++h) {
        ops::Rotate(heads.At(b, h, s), 2 * tables->half, tables->cos.data() + place * tables->half,
                    tables->sin.data() + place * tables->half, interleaved);
      }
    }
  }
  return OkStatus();
}

struct Operands {
  ops::Heads q, k, v;
};

Result<Operands> ReadOperands(const KernelContext& ctx, const Sizes& z, const Tensor& query) {
  Operands o;
  if (z.packed) {
    const std::vector<double> rows = LoadAll<double>(query);
    const int64_t width = query.dim(2), keys = z.heads * z.size, values = keys + z.kv_heads * z.size;
    o.q = ops::SplitHeads(rows.data(), z.batch, z.length, width, 0, z.heads, z.size);
    o.k = ops::SplitHeads(rows.data(), z.batch, z.length, width, keys, z.kv_heads, z.size);
    o.v = ops::SplitHeads(rows.data(), z.batch, z.length, width, values, z.kv_heads, z.size);
    return o;
  }
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* key, RequireInput(ctx, kKey));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* value, RequireInput(ctx, kValue));
  SAMOYED_ASSIGN_OR_RETURN(o.q, ops::SplitHeads(ctx, query, z.heads, "query"));
  SAMOYED_ASSIGN_OR_RETURN(o.k, ops::SplitHeads(ctx, *key, z.kv_heads, "key"));
  SAMOYED_ASSIGN_OR_RETURN(o.v, ops::SplitHeads(ctx, *value, z.kv_heads, "value"));
  for (const ops::Heads* h : {&o.k, &o.v}) {
    if (h->batch != z.batch || h->length != z.length || h->size != z.size)
      return BadInput("GroupQueryAttention: key and value must be [", z.batch, ",", z.length, ",", z.kv_heads * z.size, "]");
  }
  return o;
}

Status StoreCache(KernelContext& ctx, int i, DType dtype, const ops::Heads& heads) {
  if (!ctx.wants_output(i)) return OkStatus();
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, dtype, (Shape{heads.batch, heads.heads, heads.length, heads.size}));
  StoreAll(*out, heads.data);
  return OkStatus();
}

Status RunGroupQueryAttention(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  SAMOYED_RETURN_IF_ERROR(RefuseUnknown(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* query, RequireInput(ctx, kQuery));
  SAMOYED_ASSIGN_OR_RETURN(const Sizes z, ReadSizes(ctx, *query));
  SAMOYED_ASSIGN_OR_RETURN(Operands o, ReadOperands(ctx, z, *query));
  ops::RotaryTables tables;
  std::vector<int64_t> positions;
  const bool rotary = a.Int("do_rotary") != 0;
  if (rotary) {
    SAMOYED_ASSIGN_OR_RETURN(tables, ops::RotaryTables::Make(ctx, kCos, z.size));
    if (const Tensor* p = ctx.input(kPositions)) {
      if (!IsInteger(p->dtype()) || !(p->shape() == Shape{z.batch, z.length}))
        return BadInput("GroupQueryAttention: position_ids must be integers [", z.batch, ",", z.length, "]");
      positions = LoadAll<int64_t>(*p);
    }
  }
  SAMOYED_RETURN_IF_ERROR(Prepare(ctx, z, rotary ? &tables : nullptr, positions, kQueryNorm, "q_norm_epsilon", o.q));
  SAMOYED_RETURN_IF_ERROR(Prepare(ctx, z, rotary ? &tables : nullptr, positions, kKeyNorm, "k_norm_epsilon", o.k));
  SAMOYED_ASSIGN_OR_RETURN(o.k, Extend(ctx, kPastKey, z, o.k));
  SAMOYED_ASSIGN_OR_RETURN(o.v, Extend(ctx, kPastValue, z, o.v));
  ops::AttentionOptions options{static_cast<double>(a.Float("scale")), static_cast<double>(a.Float("softcap")), {}};
  if (ctx.input(kSink) != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(options.sinks, ops::RowParameter(ctx, kSink, z.heads, "head_sink"));
  } else if (a.Int("smooth_softmax", -1) > 0) {
    options.sinks.assign(static_cast<size_t>(z.heads), 0);
  }
  SAMOYED_ASSIGN_OR_RETURN(const ops::AttentionBias added, ops::AttentionBias::Make(ctx, kAdded, z.batch, z.heads, z.length, z.total));
  const int64_t window = a.Int("local_window_size", -1);
  const bool causal = a.Int("causal", 1) != 0;
  const auto bias = [&](int64_t b, int64_t h, int64_t s, int64_t t) {
    const int64_t here = z.past[static_cast<size_t>(b)] + s, end = z.past[static_cast<size_t>(b)] + z.length;
    const bool out_of_sight = t >= end || (causal && t > here) || (window > 0 && t <= here - window);
    return out_of_sight ? -INFINITY : added(b, h, s, t);
  };
  SAMOYED_RETURN_IF_ERROR(ops::Attend(ctx, o.q, o.k, o.v, options, bias, query->dtype()));
  SAMOYED_RETURN_IF_ERROR(StoreCache(ctx, 1, query->dtype(), o.k));
  return StoreCache(ctx, 2, query->dtype(), o.v);
}

constexpr std::string_view kCacheTypes[] = {"tensor(float)", "tensor(float16)", "tensor(bfloat16)",
                                            "tensor(uint8)", "tensor(int8)",    "tensor(float8e4m3fn)"};
constexpr SchemaTypeConstraint kConstraints[] = {
    {"T", ops::kAttentionTypes}, {"T_CACHE", kCacheTypes}, {"T_KV_SCALE", ops::kFloatTypes}, {"M", ops::kInt32Types}};
constexpr SchemaParam kInputs[] = {ops::Param("query", "T"),
                                   ops::OptionalParam("key", "T"),
                                   ops::OptionalParam("value", "T"),
                                   ops::OptionalParam("past_key", "T_CACHE"),
                                   ops::OptionalParam("past_value", "T_CACHE"),
                                   ops::Param("seqlens_k", "M"),
                                   ops::Param("total_sequence_length", "M"),
                                   ops::OptionalParam("cos_cache", "T"),
                                   ops::OptionalParam("sin_cache", "T"),
                                   ops::OptionalParam("position_ids", "tensor(int64)"),
                                   ops::OptionalParam("attention_bias", "T"),
                                   ops::OptionalParam("head_sink", "T"),
                                   ops::OptionalParam("k_scale", "T_KV_SCALE"),
                                   ops::OptionalParam("v_scale", "T_KV_SCALE"),
                                   ops::OptionalParam("q_norm_weight", "T"),
                                   ops::OptionalParam("k_norm_weight", "T"),
                                   ops::OptionalParam("query_seqlens", "M")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T"), ops::OptionalParam("present_key", "T_CACHE"),
                                    ops::OptionalParam("present_value", "T_CACHE"), ops::OptionalParam("output_qk", "T")};
constexpr SchemaAttr kAttributes[] = {ops::BareAttr("num_heads", SchemaAttrType::kInt, true),
                                      ops::BareAttr("kv_num_heads", SchemaAttrType::kInt, true),
                                      ops::BareAttr("scale", SchemaAttrType::kFloat),
                                      ops::BareAttr("softcap", SchemaAttrType::kFloat),
                                      ops::IntAttr("local_window_size", -1),
                                      ops::BareAttr("do_rotary", SchemaAttrType::kInt),
                                      ops::BareAttr("rotary_interleaved", SchemaAttrType::kInt),
                                      ops::IntAttr("smooth_softmax", -1),
                                      ops::IntAttr("causal", 1),
                                      ops::IntAttr("qk_output", 0),
                                      ops::StringAttr("k_quant_type", "NONE"),
                                      ops::StringAttr("v_quant_type", "NONE"),
                                      ops::BareAttr("kv_cache_bit_width", SchemaAttrType::kInt),
                                      ops::IntAttr("sliding_window_cache", 0),
                                      ops::FloatAttr("qk_norm_epsilon", 1e-6f),
                                      ops::BareAttr("q_norm_epsilon", SchemaAttrType::kFloat),
                                      ops::BareAttr("k_norm_epsilon", SchemaAttrType::kFloat)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("GroupQueryAttention", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_GroupQueryAttention = {
    .infer = InferGroupQueryAttention, .run = RunGroupQueryAttention, .schemas = kSchemas};

}  // namespace samoyed
