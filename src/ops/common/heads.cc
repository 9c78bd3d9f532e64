#include "ops/common/heads.h"

#include <algorithm>

#include "tensor/convert.h"

namespace samoyed::ops {

Status CheckIndexable(const NodeContext& ctx, const Shape& shape) {
  Shape widened = shape;
  for (int i = 0; i < widened.rank(); ++i) widened[i] = std::max<int64_t>(widened[i], 1);
  if (widened.CheckedNumElements().ok()) return OkStatus();
  return LimitExceeded(ctx.op_type(), ": the dimensions ", shape.ToString(), " are beyond what can be counted");
}

Heads SplitHeads(const double* rows, int64_t batch, int64_t length, int64_t width, int64_t first, int64_t heads, int64_t size) {
  Heads out(batch, heads, length, size);
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t s = 0; s < length; ++s) {
      for (int64_t h = 0; h < heads; ++h) std::copy_n(rows + (b * length + s) * width + first + h * size, size, out.At(b, h, s));
    }
  }
  return out;
}

Result<Heads> SplitHeads(const NodeContext& ctx, const Tensor& rows, int64_t heads, std::string_view what) {
  if (!IsFloat(rows.dtype()) || rows.rank() != 3 || heads < 1 || rows.dim(2) % heads != 0) {
    return BadInput(ctx.op_type(), ": ", what, " must be floats [batch, length, ", heads, " heads * size], got ", NameOf(rows.dtype()),
                    rows.shape().ToString());
  }
  SAMOYED_RETURN_IF_ERROR(CheckIndexable(ctx, rows.shape()));
  return SplitHeads(LoadAll<double>(rows).data(), rows.dim(0), rows.dim(1), rows.dim(2), 0, heads, rows.dim(2) / heads);
}

Result<Heads> ReadHeads(const NodeContext& ctx, const Tensor& tensor, std::string_view what) {
  if (!IsFloat(tensor.dtype()) || tensor.rank() != 4) {
    return BadInput(ctx.op_type(), ": ", what, " must be floats [batch, heads, length, size], got ", NameOf(tensor.dtype()),
                    tensor.shape().ToString());
  }
  SAMOYED_RETURN_IF_ERROR(CheckIndexable(ctx, tensor.shape()));
  Heads out;
  out.batch = tensor.dim(0);
  out.heads = tensor.dim(1);
  out.length = tensor.dim(2);
  out.size = tensor.dim(3);
  out.data = LoadAll<double>(tensor);
  return out;
}

Result<Heads> Append(const NodeContext& ctx, const Heads& past, const Heads& now) {
  if (past.batch != now.batch || past.heads != now.heads || past.size != now.size) {
    return BadInput(ctx.op_type(), ": the past is for ", past.batch, " batches of ", past.heads, " heads of ", past.size,
                    " numbers, the present for ", now.batch, ", ", now.heads, ", ", now.size);
  }
  SAMOYED_RETURN_IF_ERROR(CheckIndexable(ctx, {now.batch, now.heads, past.length + now.length, now.size}));
  Heads out(now.batch, now.heads, past.length + now.length, now.size);
  for (int64_t b = 0; b < out.batch; ++b) {
    for (int64_t h = 0; h < out.heads; ++h) {
      std::copy_n(past.At(b, h, 0), past.length * past.size, out.At(b, h, 0));
      std::copy_n(now.At(b, h, 0), now.length * now.size, out.At(b, h, past.length));
    }
  }
  return out;
}

void Rotate(double* head, int64_t dim, const double* cos, const double* sin, bool interleaved) {
  const int64_t half = dim / 2;
  for (int64_t i = 0; i < half; ++i) {
    double& x = head[interleaved ? 2 * i : i];
    double& y = head[interleaved ? 2 * i + 1 : i + half];
    const double rotated = x * cos[i] - y * sin[i];
    y = x * sin[i] + y * cos[i];
    x = rotated;
  }
}

double RoundNarrow(DType dtype, double x) {
  if (dtype != DType::kFloat16 && dtype != DType::kBfloat16) return x;
  return DecodeFloat(dtype, EncodeFloat(dtype, x, /*saturate=*/false));
}

}  // namespace samoyed::ops
