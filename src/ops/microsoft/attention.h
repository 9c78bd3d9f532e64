// Scaled dot-product attention over explicit heads, for Attention, MultiHeadAttention and GroupQueryAttention of com.microsoft.
// A. Vaswani et al., "Attention Is All You Need" (2017).
#ifndef SAMOYED_OPS_MICROSOFT_ATTENTION_H_
#define SAMOYED_OPS_MICROSOFT_ATTENTION_H_

#include <vector>

#include "ops/common/heads.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"

namespace samoyed::ops {

// What is added to the score of query place s and key place t before the softmax; -inf leaves the key out.
using ScoreBias = FunctionRef<double(int64_t batch, int64_t head, int64_t s, int64_t t)>;
struct AttentionOptions {
  double scale = 0;    // 0: 1 / sqrt(size)
  double softcap = 0;  // > 0: scores are softcap * tanh(score / softcap)
  // A logit for each query head that takes part in the softmax but has no value; none where empty.
  std::vector<double> sinks;
};
// Attention of q to k and v, whose heads may be fewer: query head h reads head h * k.heads / q.heads. Output 0 gets [batch, q.length,
// q.heads * v.size], of type `dtype`; `probabilities`, where not null, the softmax, which it has the size of [batch, heads, s, t].
Status Attend(KernelContext& ctx, const Heads& q, const Heads& k, const Heads& v, const AttentionOptions& options, ScoreBias bias,
              DType dtype, Tensor* probabilities = nullptr);

// The additive input [batch or 1, heads or 1, s, t] as a function; 0 where it is absent.
class AttentionBias {
 public:
  static Result<AttentionBias> Make(const KernelContext& ctx, int i, int64_t batch, int64_t heads, int64_t s, int64_t t);
  double operator()(int64_t b, int64_t h, int64_t s, int64_t t) const {
    if (values_.empty()) return 0;
    return values_[static_cast<size_t>(((b % batch_ * heads_ + h % heads_) * rows_ + s) * columns_ + t)];
  }

 private:
  int64_t batch_ = 1, heads_ = 1, rows_ = 1, columns_ = 1;
  std::vector<double> values_;
};

// A mask of keys: lengths [batch], lengths and beginnings [2 * batch], or flags [batch, t], [batch, s, t], [batch, 1, m, m] with m >= t.
// Masked keys get `filter` added to their score.
class KeyMask {
 public:
  static Result<KeyMask> Make(const KernelContext& ctx, int i, int64_t batch, int64_t s, int64_t t, double filter);
  double operator()(int64_t b, int64_t s, int64_t t) const;

 private:
  enum class Kind : uint8_t { kNone, kLengths, kFlags };
  Kind kind_ = Kind::kNone;
  double filter_ = 0;
  int64_t row_step_ = 0, batch_step_ = 0, first_row_ = 0;  // kFlags
  int64_t batch_ = 0;
  bool has_begin_ = false;
  std::vector<int64_t> values_;
};

// The tables [places, dim / 2] of cosines and sines at inputs i and i + 1.
struct RotaryTables {
  int64_t places = 0, half = 0;
  std::vector<double> cos, sin;
  static Result<RotaryTables> Make(const KernelContext& ctx, int i, int64_t head_size);
};

inline constexpr std::string_view kAttentionTypes[] = {"tensor(float)", "tensor(float16)", "tensor(bfloat16)"};

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_MICROSOFT_ATTENTION_H_
