// RotaryEmbedding: every head turned by angles that depend on its place. Input [batch, length, heads * size] or [batch, heads, length,
// size]; position_ids is one offset or [batch, length]. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/args.h"
#include "ops/common/infer.h"
#include "ops/microsoft/attention.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

// The size of a head: what the attributes say, else twice the tables' width.
Result<int64_t> HeadSize(const KernelContext& ctx, const Tensor& x, const Tensor& cos) {
  if (x.rank() == 4) return x.dim(3);
  const int64_t heads = ctx.attributes().Int("num_heads");
  const int64_t size = heads > 0 ? x.dim(2) / heads : 2 * cos.shape().back();
  if (size < 1 || x.dim(2) % size != 0) return BadInput("RotaryEmbedding: rows of ", x.dim(2), " numbers are not heads of ", size);
  return size;
}

Status RunRotaryEmbedding(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* positions, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* cos, RequireInput(ctx, 2));
  if (!IsFloat(x->dtype()) || (x->rank() != 3 && x->rank() != 4) || cos->rank() != 2) {
    return BadInput("RotaryEmbedding needs floats of rank 3 or 4 and tables of rank 2, got ", NameOf(x->dtype()), x->shape().ToString());
  }
  SAMOYED_ASSIGN_OR_RETURN(const int64_t size, HeadSize(ctx, *x, *cos));
  SAMOYED_ASSIGN_OR_RETURN(const ops::RotaryTables tables, ops::RotaryTables::Make(ctx, 2, size));
  const int64_t turned = ctx.attributes().Int("rotary_embedding_dim");
  if (turned > 0 && turned != 2 * tables.half)
    return BadInput("RotaryEmbedding: rotary_embedding_dim is ", turned, ", the tables are for ", 2 * tables.half);
  const bool flat = x->rank() == 3;
  const int64_t batch = x->dim(0), length = flat ? x->dim(1) : x->dim(2), heads = flat ? x->dim(2) / size : x->dim(1);
  if (!IsInteger(positions->dtype()) || (positions->size() != 1 && !(positions->shape() == Shape{batch, length}))) {
    return BadInput("RotaryEmbedding: position_ids must be one integer or [", batch, ",", length, "], got ", NameOf(positions->dtype()),
                    positions->shape().ToString());
  }
  const std::vector<int64_t> places = LoadAll<int64_t>(*positions);
  const bool is_offset = positions->rank() < 2;
  const bool interleaved = ctx.attributes().Int("interleaved") != 0;
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x->dtype(), x->shape());
  std::vector<double> values = LoadAll<double>(*x);
  for (int64_t b = 0; b < batch; ++b) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t s = 0; s < length; ++s) {
      const int64_t given = is_offset ? places[0] : places[static_cast<size_t>(b * length + s)];
      if (given < 0 || given >= tables.places || (is_offset && s >= tables.places - given)) {
        return BadInput("RotaryEmbedding: place ", given, is_offset ? " and those after it are" : " is", " not in [0, ", tables.places,
                        ")");
      }
      const int64_t place = is_offset ? given + s : given;
      for (int64_t h = 0; h < heads; ++h) {
        const int64_t at = flat ? ((b * length + s) * heads + h) * size : ((b * heads + h) * length + s) * size;
        ops::Rotate(values.data() + at, 2 * tables.half, tables.cos.data() + place * tables.half, tables.sin.data() + place * tables.half,
                    interleaved);
      }
    }
  }
  StoreAll(*out, values);
  return OkStatus();
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T", ops::kAttentionTypes}, {"M", ops::kInt64Types}};
constexpr SchemaParam kInputs[] = {ops::Param("input", "T"), ops::Param("position_ids", "M"), ops::Param("cos_cache", "T"),
                                   ops::Param("sin_cache", "T")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T")};
constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("scale", 1), ops::IntAttr("interleaved", 0), ops::IntAttr("rotary_embedding_dim", 0),
                                      ops::IntAttr("num_heads", 0), ops::IntAttr("is_packed_batching", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("RotaryEmbedding", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_RotaryEmbedding = {.infer = ops::InferSameAsInput, .run = RunRotaryEmbedding, .schemas = kSchemas};

}  // namespace samoyed
