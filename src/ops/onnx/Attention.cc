// Attention: softmax(q k^T * scale + bias) v over heads, with what was seen before (past), masks, windows and a soft cap of the scores.
// https://onnx.ai/onnx/operators/onnx__Attention.html; A. Vaswani et al., "Attention Is All You Need" (2017).
#include <algorithm>
#include <cmath>

#include "ops/common/args.h"
#include "ops/common/heads.h"
#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Input { kQ, kK, kV, kMask, kPastKey, kPastValue, kNonpad };
enum Output { kY, kPresentKey, kPresentValue, kScores };
enum ScoresMode { kRaw, kCapped, kBiased, kProbabilities };  // qk_matmul_output_mode

// attn_mask as what is added to a score: [batch, heads, queries, keys] by broadcasting; keys beyond a short mask are left out.
class Mask {
 public:
  static Result<Mask> Make(const KernelContext& ctx, DType dtype, const Shape& scores);
  double operator()(int64_t b, int64_t h, int64_t s, int64_t t) const {
    if (values_.empty()) return 0;
    if (t >= columns_) return -INFINITY;
    return values_[static_cast<size_t>(b * steps_[0] + h * steps_[1] + s * steps_[2] + t * steps_[3])];
  }

 private:
  int64_t columns_ = 0;
  int64_t steps_[4] = {};
  std::vector<double> values_;  // empty: no mask
};

Result<Mask> Mask::Make(const KernelContext& ctx, DType dtype, const Shape& scores) {
  Mask mask;
  const Tensor* tensor = ctx.input(kMask);
  if (tensor == nullptr) return mask;
  const Shape& shape = tensor->shape();
  const bool has_numbers = IsFloat(tensor->dtype()) || IsInteger(tensor->dtype());
  bool fits = (has_numbers || tensor->dtype() == DType::kBool) && shape.rank() <= 4;
  int64_t step = 1;
  mask.columns_ = scores[3];
  for (int i = shape.rank() - 1, axis = 3; fits && i >= 0; --i, --axis) {
    // Since version 24 a short mask is filled up, even one of a single column.
    const bool is_short = axis == 3 && shape[i] < scores[3] && (shape[i] != 1 || ctx.since_version() >= 24);
    if (is_short) mask.columns_ = shape[i];
    fits = is_short || shape[i] == scores[axis] || shape[i] == 1;
    mask.steps_[axis] = !is_short && shape[i] == 1 ? 0 : step;
    step *= shape[i];
  }
  if (!fits) {
    return BadInput("Attention: attn_mask must broadcast to ", scores.ToString(), ", got ", NameOf(tensor->dtype()), shape.ToString());
  }
  mask.values_ = LoadAll<double>(*tensor);
  if (mask.values_.empty()) mask.values_.push_back(0);  // no columns at all: every key is left out
  for (double& x : mask.values_) {
    if (tensor->dtype() == DType::kBool) {
      x = x != 0 ? 0 : -INFINITY;
    } else {
      x = dtype == DType::kFloat ? static_cast<double>(static_cast<float>(x)) : ops::RoundNarrow(dtype, x);
    }
  }
  return mask;
}

// One node's operands and options, checked against each other.
struct Problem {
  DType dtype = DType::kUndefined;  // of queries and keys, and of all in between
  DType softmax_dtype = DType::kUndefined;
  ops::Heads q, k, v;  // k and v with the past
  double scale = 0;    // of queries and keys each
  double softcap = 0;
  bool causal = false;
  int64_t left = -1, right = -1;  // window; -1: unbounded
  std::vector<int64_t> offset;    // for each batch entry: the absolute place of its first query
  std::vector<int64_t> valid;     // for each batch entry: keys that are no padding
  Mask mask;
  Shape scores;  // [batch, query heads, queries, keys]

  double Bias(int64_t b, int64_t h, int64_t s, int64_t t) const {
    const int64_t place = offset[static_cast<size_t>(b)] + s;
    const bool out_of_sight =
        (causal && t > place) || t >= valid[static_cast<size_t>(b)] || (left >= 0 && place - t > left) || (right >= 0 && t - place > right);
    return out_of_sight ? -INFINITY : mask(b, h, s, t);
  }
};

Result<ops::Heads> ReadOperand(const KernelContext& ctx, Input i, std::string_view heads_name, std::string_view what) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* tensor, RequireInput(ctx, i));
  const Attributes& a = ctx.attributes();
  if (tensor->rank() == 3) return ops::SplitHeads(ctx, *tensor, a.Int(heads_name), what);
  SAMOYED_ASSIGN_OR_RETURN(ops::Heads heads, ops::ReadHeads(ctx, *tensor, what));
  if (a.Has(heads_name) && (ctx.since_version() >= 25 || a.Int(heads_name) != heads.heads)) {
    return BadInput("Attention: ", heads_name, " = ", a.Int(heads_name), " does not go with ", what, " of shape ",
                    tensor->shape().ToString());
  }
  return heads;
}

Status CheckFit(const ops::Heads& q, const ops::Heads& k, const ops::Heads& v) {
  const bool fits = k.batch == q.batch && v.batch == q.batch && k.size == q.size && k.length == v.length && k.heads == v.heads &&
                    k.heads >= 1 && q.heads % k.heads == 0;
  if (fits) return OkStatus();
  return BadInput("Attention: query, key and value do not fit each other: batches ", q.batch, ", ", k.batch, ", ", v.batch, "; heads ",
                  q.heads, ", ", k.heads, ", ", v.heads, "; lengths of key and value ", k.length, ", ", v.length,
                  "; sizes of query and key ", q.size, ", ", k.size);
}

// Keys and values behind the past, and where queries and padding begin.
Status ReadPlaces(const KernelContext& ctx, Problem& p) {
  int64_t past_length = 0;
  const Tensor* past_key = ctx.input(kPastKey);
  const Tensor* past_value = ctx.input(kPastValue);
  const Tensor* nonpad = ctx.input(kNonpad);
  if ((past_key == nullptr) != (past_value == nullptr)) return BadInput("Attention needs past_key and past_value, or none of them");
  if (past_key != nullptr) {
    if (nonpad != nullptr) return BadInput("Attention: nonpad_kv_seqlen and past_key exclude each other");
    SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *past_key, *ctx.input(kK)));
    SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, *past_value, *ctx.input(kV)));
    SAMOYED_ASSIGN_OR_RETURN(const ops::Heads keys, ops::ReadHeads(ctx, *past_key, "past_key"));
    SAMOYED_ASSIGN_OR_RETURN(const ops::Heads values, ops::ReadHeads(ctx, *past_value, "past_value"));
    SAMOYED_ASSIGN_OR_RETURN(p.k, ops::Append(ctx, keys, p.k));
    SAMOYED_ASSIGN_OR_RETURN(p.v, ops::Append(ctx, values, p.v));
    if (p.k.length != p.v.length) return BadInput("Attention: past_key has ", keys.length, " places, past_value ", values.length);
    past_length = keys.length;
  }
  p.offset.assign(static_cast<size_t>(p.q.batch), past_length);
  p.valid.assign(static_cast<size_t>(p.q.batch), p.k.length);
  if (nonpad == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(p.valid, ops::ReadInts(*nonpad, "Attention: nonpad_kv_seqlen"));
  if (static_cast<int64_t>(p.valid.size()) != p.q.batch)
    return BadInput("Attention: ", p.valid.size(), " nonpad_kv_seqlen for a batch of ", p.q.batch);
  for (size_t b = 0; b < p.valid.size(); ++b) {
    if (p.valid[b] < 0 || p.valid[b] > p.k.length) {
      return BadInput("Attention: nonpad_kv_seqlen[", b, "] is ", p.valid[b], ", not in [0, ", p.k.length, "]");
    }
    p.offset[b] = p.valid[b] - p.q.length;
  }
  return OkStatus();
}

Result<Problem> ReadProblem(const KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  Problem p;
  SAMOYED_ASSIGN_OR_RETURN(p.q, ReadOperand(ctx, kQ, "q_num_heads", "Q"));
  SAMOYED_ASSIGN_OR_RETURN(p.k, ReadOperand(ctx, kK, "kv_num_heads", "K"));
  SAMOYED_ASSIGN_OR_RETURN(p.v, ReadOperand(ctx, kV, "kv_num_heads", "V"));
  const Tensor &q = *ctx.input(kQ), &k = *ctx.input(kK), &v = *ctx.input(kV);
  SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, q, k));
  if (q.rank() != k.rank() || q.rank() != v.rank())
    return BadInput("Attention needs Q, K and V of one rank, got ", q.rank(), ", ", k.rank(), " and ", v.rank());
  p.dtype = q.dtype();
  SAMOYED_ASSIGN_OR_RETURN(p.softmax_dtype, ops::DTypeAttribute(ctx, "softmax_precision", p.dtype));
  if (p.softmax_dtype != DType::kFloat && p.softmax_dtype != DType::kDouble && p.softmax_dtype != DType::kFloat16 &&
      p.softmax_dtype != DType::kBfloat16) {
    return BadInput("Attention: softmax_precision ", NameOf(p.softmax_dtype), " is no float type that it can have");
  }
  SAMOYED_RETURN_IF_ERROR(CheckFit(p.q, p.k, p.v));
  SAMOYED_RETURN_IF_ERROR(ReadPlaces(ctx, p));
  p.scores = {p.q.batch, p.q.heads, p.q.length, p.k.length};
  SAMOYED_RETURN_IF_ERROR(ops::CheckIndexable(ctx, p.scores));
  SAMOYED_ASSIGN_OR_RETURN(p.mask, Mask::Make(ctx, p.dtype, p.scores));
  const double scale = a.Has("scale") ? static_cast<double>(a.Float("scale")) : 1 / std::sqrt(static_cast<double>(p.q.size));
  p.scale = ops::RoundNarrow(p.dtype, std::sqrt(scale));
  p.softcap = ops::RoundNarrow(p.dtype, static_cast<double>(a.Float("softcap")));
  p.causal = a.Int("is_causal") != 0;
  p.left = a.Int("left_window_size", -1);
  p.right = a.Int("right_window_size", -1);
  if (p.left < -1 || p.right < -1) return BadInput("Attention: a window of ", p.left, " and ", p.right, " places; -1 is unbounded");
  return p;
}

// The rows of scores, from the products to the probabilities. Each piece of work has its own.
class Row {
 public:
  Row(const Problem& p, int64_t mode) : p_(p), mode_(mode), keys_(p.k.length), row_(Size(keys_)), bias_(Size(keys_)), shown_(Size(keys_)) {}

  // Query s of head h; `scores`, where not null, gets what qk_matmul_output shows of it, `y` the weighted sum.
  void Run(int64_t b, int64_t h, int64_t s, Tensor* scores, double* y) {
    const int64_t shared = h / (p_.q.heads / p_.k.heads);
    bool sees_any = false;
    for (int64_t t = 0; t < keys_; ++t) {
      bias_[Size(t)] = p_.Bias(b, h, s, t);
      sees_any |= bias_[Size(t)] != -INFINITY;
    }
    Score(p_.q.At(b, h, s), p_.k.At(b, shared, 0), scores != nullptr);
    if (sees_any) {
      Softmax();
    } else {
      std::ranges::fill(row_, 0);
    }
    if (scores != nullptr) {
      const std::vector<double>& shown = mode_ == kProbabilities ? row_ : shown_;
      Store(*scores, ((b * p_.q.heads + h) * p_.q.length + s) * keys_, keys_, shown.data());
    }
    std::fill_n(y, p_.v.size, 0);
    for (int64_t t = 0; t < keys_; ++t) {
      if (bias_[Size(t)] == -INFINITY) continue;  // what is left out may hold anything
      const double* value = p_.v.At(b, shared, t);
      for (int64_t i = 0; i < p_.v.size; ++i) y[i] += row_[Size(t)] * value[i];
    }
  }

 private:
  static size_t Size(int64_t n) { return static_cast<size_t>(n); }

  void Score(const double* query, const double* key, bool show) {
    for (int64_t t = 0; t < keys_; ++t, key += p_.k.size) {
      double& score = row_[Size(t)];
      score = 0;
      const bool left_out = bias_[Size(t)] == -INFINITY;
      if (!left_out || show) {
        for (int64_t i = 0; i < p_.q.size; ++i) score += query[i] * key[i];
        score = ops::RoundNarrow(p_.dtype, score);
      }
      if (mode_ == kRaw) shown_[Size(t)] = score;
      if (p_.softcap > 0) {
        const double ratio = std::tanh(ops::RoundNarrow(p_.dtype, score / p_.softcap));
        score = ops::RoundNarrow(p_.dtype, p_.softcap * ops::RoundNarrow(p_.dtype, ratio));
      }
      if (mode_ == kCapped) shown_[Size(t)] = score;
      score = left_out ? -INFINITY : ops::RoundNarrow(p_.dtype, score + bias_[Size(t)]);
      if (mode_ == kBiased) shown_[Size(t)] = score;
    }
  }

  void Softmax() {
    const DType dtype = p_.softmax_dtype;
    double largest = -INFINITY, sum = 0;
    for (double& x : row_) largest = std::max(largest, x = ops::RoundNarrow(dtype, x));
    if (largest == -INFINITY) largest = 0;  // the scores themselves are so small, or not numbers
    for (double& x : row_) sum += x = ops::RoundNarrow(dtype, std::exp(ops::RoundNarrow(dtype, x - largest)));
    sum = ops::RoundNarrow(dtype, sum);
    if (sum == 0) sum = 1;
    for (double& x : row_) x = ops::RoundNarrow(p_.dtype, ops::RoundNarrow(dtype, x / sum));
  }

  const Problem& p_;
  int64_t mode_;
  int64_t keys_;
  std::vector<double> row_, bias_, shown_;
};

Status StorePresent(KernelContext& ctx, Output i, DType dtype, const ops::Heads& heads) {
  if (!ctx.wants_output(i)) return OkStatus();
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, i, dtype, (Shape{heads.batch, heads.heads, heads.length, heads.size}));
  StoreAll(*out, heads.data);
  return OkStatus();
}

Status RunAttention(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(Problem p, ReadProblem(ctx));
  const int64_t mode = ctx.attributes().Int("qk_matmul_output_mode");
  if (mode < kRaw || mode > kProbabilities) return BadInput("Attention: qk_matmul_output_mode is ", mode, ", not one of 0 to 3");
  SAMOYED_RETURN_IF_ERROR(StorePresent(ctx, kPresentKey, p.dtype, p.k));
  SAMOYED_RETURN_IF_ERROR(StorePresent(ctx, kPresentValue, ctx.input(kV)->dtype(), p.v));
  const bool flat = ctx.input(kQ)->rank() == 3;
  const Shape heads_apart = {p.q.batch, p.q.heads, p.q.length, p.v.size};
  SAMOYED_RETURN_IF_ERROR(ops::CheckIndexable(ctx, heads_apart));
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, kY, p.dtype, flat ? (Shape{p.q.batch, p.q.length, p.q.heads * p.v.size}) : heads_apart);
  Tensor* scores = nullptr;
  if (ctx.wants_output(kScores)) {
    SAMOYED_ASSIGN_OR_RETURN(scores, ctx.AllocateOutput(kScores, p.dtype, p.scores));
  }
  if (y->size() == 0 && (scores == nullptr || scores->size() == 0)) return OkStatus();
  for (double& x : p.q.data) x = ops::RoundNarrow(p.dtype, x * p.scale);
  for (double& x : p.k.data) x = ops::RoundNarrow(p.dtype, x * p.scale);
  constexpr int64_t kGrainWork = 1 << 16;  // multiplications
  const int64_t work = std::clamp<int64_t>(p.k.length, 1, kGrainWork) * std::clamp<int64_t>(p.q.size + p.v.size, 1, kGrainWork);
  ctx.ParallelFor(p.q.batch * p.q.heads * p.q.length, std::max<int64_t>(1, kGrainWork / work), [&](int64_t begin, int64_t end) {
    Row row(p, mode);
    std::vector<double> sum(static_cast<size_t>(p.v.size));
    for (int64_t i = begin; i < end && ctx.Poll().ok(); ++i) {
      const int64_t s = i % p.q.length, h = i / p.q.length % p.q.heads, b = i / p.q.length / p.q.heads;
      row.Run(b, h, s, scores, sum.data());
      const int64_t at = flat ? (b * p.q.length + s) * p.q.heads + h : i;
      Store(*y, at * p.v.size, p.v.size, sum.data());
    }
  });
  return ctx.Poll();
}

// What is known of an operand: [batch, heads, length, size].
struct KnownHeads {
  Dim batch, heads, length, size;
};

Result<KnownHeads> InferOperand(const InferContext& ctx, Input i, std::string_view heads_name) {
  const Dims* shape = ctx.input_shape(i);
  const int64_t heads = ctx.attributes().Int(heads_name);
  if (shape == nullptr) return KnownHeads{};
  const Dims& d = *shape;
  if (d.size() == 4) return KnownHeads{d[0], d[1], d[2], d[3]};
  if (d.size() != 3) return BadInput("Attention: input ", static_cast<int>(i), " must have rank 3 or 4, got ", d.size());
  if (heads < 1) return BadInput("Attention needs ", heads_name, " where Q, K and V have rank 3");
  if (d[2].known() && d[2].value % heads != 0) return BadInput("Attention: rows of ", d[2].value, " numbers are not ", heads, " heads");
  return KnownHeads{d[0], heads, d[1], d[2].known() ? Dim(d[2].value / heads) : heads == 1 ? d[2] : Dim()};
}

// The length of past and new keys or values together.
Result<Dim> InferTotal(const InferContext& ctx, Input past, const Dim& length) {
  if (ctx.num_inputs() <= past || ctx.input_type(past) == nullptr) {
    // Absent, or present and not known: only a present input makes the operator's other outputs longer.
    return ctx.num_inputs() > past && ctx.wants_output(kPresentKey) ? Dim() : length;
  }
  const Dims* shape = ctx.input_shape(past);
  if (shape == nullptr) return Dim();
  if (shape->size() != 4) return BadInput("Attention: input ", static_cast<int>(past), " must have rank 4, got ", shape->size());
  const Dim& before = (*shape)[2];
  if (before.known() && before.value == 0) return length;
  if (before.known() && length.known()) {
    int64_t total = 0;
    if (!__builtin_add_overflow(before.value, length.value, &total)) return Dim(total);
  }
  return Dim();
}

Status InferAttention(InferContext& ctx) {
  if (ctx.input_dtype(kQ) == DType::kUndefined) return OkStatus();
  const DType dtype = ctx.input_dtype(kQ), value_dtype = ctx.input_dtype(kV);
  const Dims* query = ctx.input_shape(kQ);
  SAMOYED_ASSIGN_OR_RETURN(KnownHeads q, InferOperand(ctx, kQ, "q_num_heads"));
  SAMOYED_ASSIGN_OR_RETURN(KnownHeads k, InferOperand(ctx, kK, "kv_num_heads"));
  SAMOYED_ASSIGN_OR_RETURN(KnownHeads v, InferOperand(ctx, kV, "kv_num_heads"));
  SAMOYED_ASSIGN_OR_RETURN(Dim batch, ops::MergeDim(q.batch, k.batch));
  SAMOYED_ASSIGN_OR_RETURN(batch, ops::MergeDim(batch, v.batch));
  SAMOYED_ASSIGN_OR_RETURN(const Dim kv_heads, ops::MergeDim(k.heads, v.heads));
  SAMOYED_ASSIGN_OR_RETURN(const Dim length, ops::MergeDim(k.length, v.length));
  SAMOYED_ASSIGN_OR_RETURN(const Dim size, ops::MergeDim(q.size, k.size));
  SAMOYED_ASSIGN_OR_RETURN(const Dim total, InferTotal(ctx, kPastKey, length));
  if (query == nullptr) {
    ctx.set_output_type(kY, Type::TensorOf(dtype));
  } else if (query->size() == 4) {
    ctx.set_output_type(kY, Type::TensorOf(dtype, {batch, q.heads, q.length, v.size}));
  } else {
    const Dims* value = ctx.input_shape(kV);
    Dim width;
    if (v.size.known()) {
      int64_t product = 0;
      if (!__builtin_mul_overflow(q.heads.value, v.size.value, &product)) width = product;
    } else if (value != nullptr && value->size() == 3 && q.heads.SameAs(v.heads)) {
      width = (*value)[2];
    }
    ctx.set_output_type(kY, Type::TensorOf(dtype, {batch, q.length, width}));
  }
  if (ctx.wants_output(kPresentKey)) ctx.set_output_type(kPresentKey, Type::TensorOf(dtype, {batch, kv_heads, total, size}));
  if (ctx.wants_output(kPresentValue) && value_dtype != DType::kUndefined)
    ctx.set_output_type(kPresentValue, Type::TensorOf(value_dtype, {batch, kv_heads, total, v.size}));
  if (ctx.wants_output(kScores)) ctx.set_output_type(kScores, Type::TensorOf(dtype, {batch, q.heads, q.length, total}));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Attention = {.infer = InferAttention, .run = RunAttention};

}  // namespace samoyed
