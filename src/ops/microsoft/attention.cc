#include "ops/microsoft/attention.h"

#include <algorithm>
#include <cmath>

#include "tensor/convert.h"

namespace samoyed::ops {

namespace {

// The softmax of one row, with a logit that only takes its share; a row of nothing but -inf becomes zeros.
void Softmax(std::vector<double>& row, const double* sink) {
  double largest = sink == nullptr ? -INFINITY : *sink;
  for (double x : row) largest = std::max(largest, x);
  if (largest == -INFINITY) {
    std::ranges::fill(row, 0);
    return;
  }
  double sum = sink == nullptr ? 0 : std::exp(*sink - largest);
  for (double& x : row) sum += x = std::exp(x - largest);
  for (double& x : row) x /= sum;
}

}  // namespace

Status Attend(KernelContext& ctx, const Heads& q, const Heads& k, const Heads& v, const AttentionOptions& options, ScoreBias bias,
              DType dtype, Tensor* probabilities) {
  if (k.batch != q.batch || v.batch != q.batch || k.size != q.size || k.length != v.length || k.heads != v.heads || k.heads < 1 ||
      q.heads % k.heads != 0) {
    return BadInput(ctx.op_type(), ": query, key and value do not fit each other: batches ", q.batch, ", ", k.batch, ", ", v.batch,
                    "; heads ", q.heads, ", ", k.heads, ", ", v.heads, "; lengths ", q.length, ", ", k.length, ", ", v.length, "; sizes ",
                    q.size, ", ", k.size, ", ", v.size);
  }
  if (!options.sinks.empty() && static_cast<int64_t>(options.sinks.size()) != q.heads)
    return BadInput(ctx.op_type(), " needs one sink a head");
  SAMOYED_ASSIGN_OR_RETURN(const int64_t width, Shape({q.heads, v.size}).CheckedNumElements());
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, (Shape{q.batch, q.length, width}));
  const double scale = options.scale != 0 ? options.scale : 1 / std::sqrt(static_cast<double>(q.size));
  std::vector<double> row(static_cast<size_t>(k.length)), sum(static_cast<size_t>(v.size));
  for (int64_t b = 0; b < q.batch; ++b) {
    for (int64_t h = 0; h < q.heads; ++h) {
      const int64_t shared = h / (q.heads / k.heads);
      for (int64_t s = 0; s < q.length; ++s) {
        SAMOYED_RETURN_IF_ERROR(ctx.Poll());
        const double* query = q.At(b, h, s);
        for (int64_t t = 0; t < k.length; ++t) {
          const double* key = k.At(b, shared, t);
          double score = 0;
          for (int64_t i = 0; i < q.size; ++i) score += query[i] * key[i];
          score *= scale;
          if (options.softcap > 0) score = options.softcap * std::tanh(score / options.softcap);
          row[static_cast<size_t>(t)] = score + bias(b, h, s, t);
        }
        Softmax(row, options.sinks.empty() ? nullptr : &options.sinks[static_cast<size_t>(h)]);
        if (probabilities != nullptr) Store(*probabilities, ((b * q.heads + h) * q.length + s) * k.length, k.length, row.data());
        std::ranges::fill(sum, 0);
        for (int64_t t = 0; t < k.length; ++t) {
          const double* value = v.At(b, shared, t);
          const double weight = row[static_cast<size_t>(t)];
          if (weight == 0) continue;  // what is left out may hold anything
          for (int64_t i = 0; i < v.size; ++i) sum[static_cast<size_t>(i)] += weight * value[i];
        }
        Store(*out, (b * q.length + s) * width + h * v.size, v.size, sum.data());
      }
    }
  }
  return OkStatus();
}

Result<AttentionBias> AttentionBias::Make(const KernelContext& ctx, int i, int64_t batch, int64_t heads, int64_t s, int64_t t) {
  AttentionBias bias;
  const Tensor* tensor = ctx.input(i);
  if (tensor == nullptr) return bias;
  const auto fits = [](int64_t dim, int64_t all) { return dim == all || dim == 1; };
  if (!IsFloat(tensor->dtype()) || tensor->rank() != 4 || !fits(tensor->dim(0), batch) || !fits(tensor->dim(1), heads) ||
      tensor->dim(2) != s || tensor->dim(3) < t) {
    return BadInput(ctx.op_type(), ": the attention bias must be floats [", batch, " or 1, ", heads, " or 1, ", s, ", ", t, "], got ",
                    tensor->shape().ToString());
  }
  bias.batch_ = tensor->dim(0);
  bias.heads_ = tensor->dim(1);
  bias.rows_ = s;
  bias.columns_ = tensor->dim(3);
  bias.values_ = LoadAll<double>(*tensor);
  return bias;
}

Result<KeyMask> KeyMask::Make(const KernelContext& ctx, int i, int64_t batch, int64_t s, int64_t t, double filter) {
  KeyMask mask;
  const Tensor* tensor = ctx.input(i);
  if (tensor == nullptr) return mask;
  if (!IsInteger(tensor->dtype())) return BadInput(ctx.op_type(), ": the mask must be integers, got ", NameOf(tensor->dtype()));
  mask.filter_ = filter;
  mask.batch_ = batch;
  mask.values_ = LoadAll<int64_t>(*tensor);
  const Shape& shape = tensor->shape();
  if (shape == Shape{batch} || shape == Shape{2 * batch}) {
    mask.kind_ = Kind::kLengths;
    mask.has_begin_ = shape[0] == 2 * batch;
    return mask;
  }
  mask.kind_ = Kind::kFlags;
  if (shape == Shape{batch, t}) {
    mask.batch_step_ = t;
    return mask;
  }
  if (shape == Shape{batch, s, t}) {
    mask.row_step_ = t;
    mask.batch_step_ = s * t;
    return mask;
  }
  if (shape.rank() == 4 && shape[0] == batch && shape[1] == 1 && shape[2] == shape[3] && shape[2] >= t && t >= s) {
    mask.row_step_ = shape[3];
    mask.batch_step_ = shape[2] * shape[3];
    mask.first_row_ = t - s;
    return mask;
  }
  return BadInput(ctx.op_type(), ": a mask of shape ", shape.ToString(), " does not fit batch ", batch, ", ", s, " queries and ", t,
                  " keys");
}

double KeyMask::operator()(int64_t b, int64_t s, int64_t t) const {
  switch (kind_) {
    case Kind::kNone:
      return 0;
    case Kind::kLengths: {
      const bool before = has_begin_ && t < values_[static_cast<size_t>(batch_ + b)];
      return before || t >= values_[static_cast<size_t>(b)] ? filter_ : 0;
    }
    case Kind::kFlags:
      return values_[static_cast<size_t>(b * batch_step_ + (s + first_row_) * row_step_ + t)] > 0 ? 0 : filter_;
  }
  return 0;
}

Result<RotaryTables> RotaryTables::Make(const KernelContext& ctx, int i, int64_t head_size) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* cos, RequireInput(ctx, i));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* sin, RequireInput(ctx, i + 1));
  if (!IsFloat(cos->dtype()) || !IsFloat(sin->dtype()) || cos->rank() != 2 || !(cos->shape() == sin->shape()) ||
      cos->dim(1) > head_size / 2) {
    return BadInput(ctx.op_type(), ": the tables of cosines and sines must be equal floats [places, at most ", head_size / 2, "], got ",
                    cos->shape().ToString(), " and ", sin->shape().ToString());
  }
  return RotaryTables{cos->dim(0), cos->dim(1), LoadAll<double>(*cos), LoadAll<double>(*sin)};
}

}  // namespace samoyed::ops
