// RotaryEmbedding: the numbers of each head turned in pairs, by angles that depend on the place in the sequence.
// https://onnx.ai/onnx/operators/onnx__RotaryEmbedding.html; J. Su et al., "RoFormer" (2021).
#include "ops/common/args.h"
#include "ops/common/heads.h"
#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// Where a head of the input lies: [batch, length, heads, size] with strides.
struct Layout {
  int64_t batch = 0, length = 0, heads = 0, size = 0;
  bool flat = false;  // [batch, length, heads * size] instead of [batch, heads, length, size]
  int64_t At(int64_t b, int64_t s, int64_t h) const { return (flat ? (b * length + s) * heads + h : (b * heads + h) * length + s) * size; }
};

Result<Layout> ReadLayout(const KernelContext& ctx, const Tensor& x) {
  if (!IsFloat(x.dtype()) || (x.rank() != 3 && x.rank() != 4))
    return BadInput("RotaryEmbedding needs floats of rank 3 or 4, got ", NameOf(x.dtype()), x.shape().ToString());
  SAMOYED_RETURN_IF_ERROR(ops::CheckIndexable(ctx, x.shape()));
  if (x.rank() == 4) return Layout{x.dim(0), x.dim(2), x.dim(1), x.dim(3), false};
  const int64_t heads = ctx.attributes().Int("num_heads");
  if (heads < 1 || x.dim(2) % heads != 0)
    return BadInput("RotaryEmbedding: num_heads is ", heads, ", which does not divide rows of ", x.dim(2), " numbers");
  return Layout{x.dim(0), x.dim(1), heads, x.dim(2) / heads, true};
}

// The rows of the tables: [places, half] with position_ids, else one for each place of the input.
struct Tables {
  int64_t places = 0;
  std::vector<double> cos, sin;
};

Result<Tables> ReadTables(const KernelContext& ctx, const Layout& x, int64_t half) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* cos, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* sin, RequireInput(ctx, 2));
  const bool has_positions = ctx.input(3) != nullptr;
  const Shape& shape = cos->shape();
  const bool fits = has_positions ? shape.rank() == 2 && shape[1] == half : shape == Shape{x.batch, x.length, half};
  if (!fits || !(shape == sin->shape()) || !IsFloat(cos->dtype()) || !IsFloat(sin->dtype())) {
    return BadInput("RotaryEmbedding: cos_cache and sin_cache must be floats ",
                    has_positions ? StrCat("[places,", half, "]") : Shape{x.batch, x.length, half}.ToString(), ", got ",
                    NameOf(cos->dtype()), shape.ToString(), " and ", NameOf(sin->dtype()), sin->shape().ToString());
  }
  return Tables{has_positions ? shape[0] : x.batch * x.length, LoadAll<double>(*cos), LoadAll<double>(*sin)};
}

Status RunRotaryEmbedding(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Layout layout, ReadLayout(ctx, *x));
  const int64_t given = ctx.attributes().Int("rotary_embedding_dim"), turned = given != 0 ? given : layout.size;
  if (turned < 0 || turned > layout.size || turned % 2 != 0)
    return BadInput("RotaryEmbedding: ", turned, " numbers to turn must be even and at most the head's ", layout.size);
  SAMOYED_ASSIGN_OR_RETURN(const Tables tables, ReadTables(ctx, layout, turned / 2));
  std::vector<int64_t> positions;
  if (const Tensor* p = ctx.input(3)) {
    if (!IsInteger(p->dtype()) || !(p->shape() == Shape{layout.batch, layout.length})) {
      return BadInput("RotaryEmbedding: position_ids must be integers [", layout.batch, ",", layout.length, "], got ", NameOf(p->dtype()),
                      p->shape().ToString());
    }
    positions = LoadAll<int64_t>(*p);
  }
  for (int64_t position : positions) {
    if (position < 0 || position >= tables.places)
      return BadInput("RotaryEmbedding: position ", position, " is not in [0, ", tables.places, ")");
  }
  const bool interleaved = ctx.attributes().Int("interleaved") != 0;
  std::vector<double> values = LoadAll<double>(*x);
  SAMOYED_ALLOCATE_OUTPUT(y, ctx, 0, x->dtype(), x->shape());
  for (int64_t row = 0; !values.empty() && row < layout.batch * layout.length; ++row) {
    const int64_t place = (positions.empty() ? row : positions[static_cast<size_t>(row)]) * (turned / 2);
    for (int64_t h = 0; h < layout.heads; ++h) {
      ops::Rotate(values.data() + layout.At(row / layout.length, row % layout.length, h), turned, tables.cos.data() + place,
                  tables.sin.data() + place, interleaved);
    }
  }
  StoreAll(*y, values);
  return OkStatus();
}

Status InferRotaryEmbedding(InferContext& ctx) {
  const Dims* x = ctx.input_shape(0);
  if (x != nullptr && x->size() != 3 && x->size() != 4) return BadInput("RotaryEmbedding needs rank 3 or 4, got ", x->size());
  return ops::InferSameAsInput(ctx);
}

}  // namespace

extern const OpDef kOp_onnx_RotaryEmbedding = {.infer = InferRotaryEmbedding, .run = RunRotaryEmbedding};

}  // namespace samoyed
