// LinearAttention: attention without softmax, as a recurrence over a state of [key size, value size] numbers a head.
// https://onnx.ai/onnx/operators/onnx__LinearAttention.html; S. Yang et al., "Gated Delta Networks" (2024).
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/common/heads.h"
#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Input { kQuery, kKey, kValue, kPastState, kDecay, kBeta };

// [batch, heads, length, size]; decay and beta may be of fewer heads or numbers, which are then shared.
struct Problem {
  ops::Heads q, k, v, decay, beta, state;  // state: [batch, kv heads, key size, value size]
  bool gated = false, delta = false;
  double scale = 0;
};

// Input i as heads of [batch, length, heads * size], which the update rule asks for or forbids.
Result<ops::Heads> ReadGate(const KernelContext& ctx, const Problem& p, Input i, bool wanted, std::string_view name) {
  const Tensor* t = ctx.input(i);
  if ((t != nullptr) != wanted) {
    return BadInput("LinearAttention: update_rule '", ctx.attributes().String("update_rule", "gated_delta"), "' ",
                    wanted ? "needs" : "has no", " input ", name);
  }
  if (!wanted) return ops::Heads();
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *ctx.input(kQuery), *t));
  const int64_t width = t->rank() == 3 ? t->dim(2) : -1;
  const bool fits = width == p.k.heads || (i == kDecay ? width == p.k.heads * p.k.size : width == 1);
  if (!fits || t->dim(0) != p.q.batch || t->dim(1) != p.q.length) {
    return BadInput("LinearAttention: ", name, " must be [", p.q.batch, ",", p.q.length, ",", p.k.heads, " or ",
                    i == kDecay ? p.k.heads * p.k.size : 1, "], got ", t->shape().ToString());
  }
  return ops::SplitHeads(ctx, *t, width == 1 ? 1 : p.k.heads, name);
}

Status ReadState(const KernelContext& ctx, Problem& p) {
  const Shape shape = {p.q.batch, p.k.heads, p.k.size, p.v.size};
  SAMOYED_RETURN_IF_ERROR(ops::CheckIndexable(ctx, shape));
  const Tensor* past = ctx.input(kPastState);
  if (past == nullptr) {
    // As large as an output of the node: refused here if there is no room for it, not by an exception.
    SAMOYED_RETURN_IF_ERROR(Tensor::Allocate(DType::kDouble, shape).status());
    p.state = ops::Heads(shape[0], shape[1], shape[2], shape[3]);
    return OkStatus();
  }
  if (!(past->shape() == shape))
    return BadInput("LinearAttention: past_state must be ", shape.ToString(), ", got ", past->shape().ToString());
  SAMOYED_ASSIGN_OR_RETURN(p.state, ops::ReadHeads(ctx, *past, "past_state"));
  return OkStatus();
}

Result<Problem> ReadProblem(const KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  Problem p;
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* q, RequireInput(ctx, kQuery));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* k, RequireInput(ctx, kKey));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* v, RequireInput(ctx, kValue));
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *q, *k));
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *q, *v));
  SAMOYED_ASSIGN_OR_RETURN(p.q, ops::SplitHeads(ctx, *q, a.Int("q_num_heads"), "query"));
  SAMOYED_ASSIGN_OR_RETURN(p.k, ops::SplitHeads(ctx, *k, a.Int("kv_num_heads"), "key"));
  SAMOYED_ASSIGN_OR_RETURN(p.v, ops::SplitHeads(ctx, *v, a.Int("kv_num_heads"), "value"));
  if (p.k.batch != p.q.batch || p.v.batch != p.q.batch || p.k.length != p.q.length || p.v.length != p.q.length || p.k.size != p.q.size ||
      p.q.heads % p.k.heads != 0) {
    return BadInput("LinearAttention: query ", q->shape().ToString(), " of ", p.q.heads, " heads, key ", k->shape().ToString(),
                    " and value ", v->shape().ToString(), " of ", p.k.heads, " heads do not fit each other");
  }
  const std::string_view rule = a.String("update_rule", "gated_delta");
  p.gated = rule == "gated" || rule == "gated_delta";
  p.delta = rule == "delta" || rule == "gated_delta";
  if (!p.gated && !p.delta && rule != "linear")
    return BadInput("LinearAttention: update_rule '", rule, "' is none of 'linear', 'gated', 'delta' and 'gated_delta'");
  SAMOYED_ASSIGN_OR_RETURN(p.decay, ReadGate(ctx, p, kDecay, p.gated, "decay"));
  SAMOYED_ASSIGN_OR_RETURN(p.beta, ReadGate(ctx, p, kBeta, p.delta, "beta"));
  SAMOYED_RETURN_IF_ERROR(ReadState(ctx, p));
  const double scale = a.Float("scale");
  p.scale = scale != 0 ? scale : 1 / std::sqrt(static_cast<double>(p.k.size));
  return p;
}

// Step s of one head's state: it fades, gives up what it holds for the key (delta), and takes in the value.
void Update(Problem& p, int64_t b, int64_t h, int64_t s, std::vector<double>& value) {
  const double* key = p.k.At(b, h, s);
  double* state = p.state.At(b, h, 0);
  std::copy_n(p.v.At(b, h, s), p.v.size, value.data());
  if (p.gated) {
    const double* decay = p.decay.At(b, p.decay.heads == 1 ? 0 : h, s);
    for (int64_t i = 0; i < p.k.size; ++i) {
      const double factor = std::exp(decay[p.decay.size == 1 ? 0 : i]);
      for (int64_t j = 0; j < p.v.size; ++j) state[i * p.v.size + j] *= factor;
    }
  }
  if (p.delta) {
    const double beta = *p.beta.At(b, p.beta.heads == 1 ? 0 : h, s);
    for (int64_t i = 0; i < p.k.size; ++i) {
      for (int64_t j = 0; j < p.v.size; ++j) value[static_cast<size_t>(j)] -= state[i * p.v.size + j] * key[i];
    }
    for (double& x : value) x *= beta;
  }
  for (int64_t i = 0; i < p.k.size; ++i) {
    for (int64_t j = 0; j < p.v.size; ++j) state[i * p.v.size + j] += key[i] * value[static_cast<size_t>(j)];
  }
}

Status RunLinearAttention(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(Problem p, ReadProblem(ctx));
  const DType dtype = ctx.input(kQuery)->dtype();
  const DType state_dtype = ctx.input(kPastState) != nullptr ? ctx.input(kPastState)->dtype() : dtype;
  SAMOYED_RETURN_IF_ERROR(ops::CheckIndexable(ctx, {p.q.batch, p.q.length, p.q.heads, p.v.size}));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, dtype, (Shape{p.q.batch, p.q.length, p.q.heads * p.v.size}));
  SAMOYED_ALLOCATE_OUTPUT(present, ctx, 1, state_dtype, (Shape{p.q.batch, p.k.heads, p.k.size, p.v.size}));
  if (y->size() == 0 && present->size() == 0) return OkStatus();
  const int64_t group = p.q.heads / p.k.heads;
  ctx.ParallelFor(p.q.batch * p.k.heads, 1, [&](int64_t begin, int64_t end) {
    std::vector<double> value(static_cast<size_t>(p.v.size)), sum(value.size());
    for (int64_t i = begin; i < end; ++i) {
      const int64_t b = i / p.k.heads, h = i % p.k.heads;
      const double* state = p.state.At(b, h, 0);
      for (int64_t s = 0; s < p.q.length && ctx.Poll().ok(); ++s) {
        Update(p, b, h, s, value);
        for (int64_t head = h * group; head < (h + 1) * group; ++head) {
          const double* query = p.q.At(b, head, s);
          std::ranges::fill(sum, 0);
          for (int64_t r = 0; r < p.k.size; ++r) {
            for (int64_t c = 0; c < p.v.size; ++c) sum[static_cast<size_t>(c)] += query[r] * state[r * p.v.size + c];
          }
          for (double& x : sum) x *= p.scale;
          Store(*y, ((b * p.q.length + s) * p.q.heads + head) * p.v.size, p.v.size, sum.data());
        }
      }
    }
  });
  StoreAll(*present, p.state.data);
  return ctx.Poll();
}

// The size of a head in rows of this width, where it is known.
Result<Dim> HeadSize(const Dim& width, int64_t heads) {
  if (heads < 1) return BadInput("LinearAttention needs at least one head, got ", heads);
  if (!width.known()) return heads == 1 ? width : Dim();
  if (width.value % heads != 0) return BadInput("LinearAttention: rows of ", width.value, " numbers are not ", heads, " heads");
  return Dim(width.value / heads);
}

Status InferLinearAttention(InferContext& ctx) {
  const DType dtype = ctx.input_dtype(kQuery);
  if (dtype == DType::kUndefined) return OkStatus();
  const int64_t q_heads = ctx.attributes().Int("q_num_heads"), heads = ctx.attributes().Int("kv_num_heads");
  Dim batch, length, widths[3];
  for (int i = 0; i < 3; ++i) {
    const Dims* d = ctx.input_shape(i);
    if (d == nullptr) continue;
    if (d->size() != 3) return BadInput("LinearAttention: query, key and value have rank 3, got ", d->size());
    SAMOYED_ASSIGN_OR_RETURN(batch, ops::MergeDim(batch, (*d)[0]));
    SAMOYED_ASSIGN_OR_RETURN(length, ops::MergeDim(length, (*d)[1]));
    widths[i] = (*d)[2];
  }
  SAMOYED_ASSIGN_OR_RETURN(const Dim query_size, HeadSize(widths[kQuery], q_heads));
  SAMOYED_ASSIGN_OR_RETURN(Dim key_size, HeadSize(widths[kKey], heads));
  SAMOYED_ASSIGN_OR_RETURN(key_size, ops::MergeDim(key_size, query_size));
  SAMOYED_ASSIGN_OR_RETURN(Dim value_size, HeadSize(widths[kValue], heads));
  const Type* past = ctx.tensor_type(kPastState);
  if (past != nullptr && past->shape) {
    if (past->rank() != 4) return BadInput("LinearAttention: past_state has rank 4, got ", past->rank());
    SAMOYED_ASSIGN_OR_RETURN(batch, ops::MergeDim(batch, (*past->shape)[0]));
    SAMOYED_ASSIGN_OR_RETURN(key_size, ops::MergeDim(key_size, (*past->shape)[2]));
    SAMOYED_ASSIGN_OR_RETURN(value_size, ops::MergeDim(value_size, (*past->shape)[3]));
  }
  Dim width = q_heads == heads ? widths[kValue] : Dim();
  int64_t product = 0;
  if (value_size.known() && !__builtin_mul_overflow(value_size.value, q_heads, &product)) width = product;
  ctx.set_output_type(0, Type::TensorOf(dtype, {batch, length, width}));
  // A past whose type is not known says nothing of the present's.
  const bool has_unknown_past = past == nullptr && ctx.num_inputs() > kPastState && ctx.num_inputs() <= kDecay;
  if (ctx.wants_output(1) && !has_unknown_past)
    ctx.set_output_type(1, Type::TensorOf(past != nullptr ? past->dtype : dtype, {batch, heads, key_size, value_size}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_LinearAttention = {.infer = InferLinearAttention, .run = RunLinearAttention};

}  // namespace samoyed
