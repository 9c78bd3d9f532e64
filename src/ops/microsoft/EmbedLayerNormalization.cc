// EmbedLayerNormalization: the sum of a word's, its position's and its segment's embedding, normalised; and how many words of each
// row the mask lets through. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/args.h"
#include "ops/microsoft/layer_norm.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kWords, kSegments, kWordTable, kPositionTable, kSegmentTable, kGamma, kBeta, kMask, kPositions };

Status InferEmbedLayerNormalization(InferContext& ctx) {
  const Dims* ids = ctx.input_shape(kWords);
  const Dims* table = ctx.input_shape(kWordTable);
  if ((ids != nullptr && ids->size() != 2) || (table != nullptr && table->size() != 2))
    return BadInput("EmbedLayerNormalization needs ids and tables of rank 2");
  const Dim batch = ids == nullptr ? Dim() : (*ids)[0], length = ids == nullptr ? Dim() : (*ids)[1];
  const Type out = Type::TensorOf(ctx.input_dtype(kWordTable), Dims{batch, length, table == nullptr ? Dim() : (*table)[1]});
  ctx.set_output_type(0, out);
  if (ctx.num_outputs() > 1) ctx.set_output_type(1, Type::TensorOf(DType::kInt32, Dims{batch}));
  if (ctx.num_outputs() > 2) ctx.set_output_type(2, out);
  return OkStatus();
}

// A table of embeddings and, for each place of [batch, length], the row to take.
struct Lookup {
  int64_t rows = 0;
  std::vector<double> table;
  std::vector<int64_t> ids;

  static Result<Lookup> Make(const KernelContext& ctx, int table, int64_t width) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, table));
    if (!IsFloat(t->dtype()) || t->rank() != 2 || t->dim(1) != width) {
      return BadInput("EmbedLayerNormalization: input ", table, " must be floats [rows,", width, "], got ", NameOf(t->dtype()),
                      t->shape().ToString());
    }
    return Lookup{t->dim(0), LoadAll<double>(*t), {}};
  }
  Status CheckIds() const {
    for (int64_t id : ids) {
      if (id < 0 || id >= rows) return BadInput("EmbedLayerNormalization: id ", id, " is not in [0, ", rows, ")");
    }
    return OkStatus();
  }
};

// The ids at input i, for each place.
Result<std::vector<int64_t>> Ids(const KernelContext& ctx, int i, int64_t batch, int64_t length) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, i));
  if (!IsInteger(t->dtype()) || t->rank() != 2 || (t->dim(0) != batch && t->dim(0) != 1) || t->dim(1) != length) {
    return BadInput("EmbedLayerNormalization: input ", i, " must be integers [", batch, ",", length, "], got ", NameOf(t->dtype()),
                    t->shape().ToString());
  }
  std::vector<int64_t> ids = LoadAll<int64_t>(*t);
  for (int64_t b = t->dim(0); b < batch; ++b) ids.insert(ids.end(), ids.begin(), ids.begin() + length);
  return ids;
}

Status RunEmbedLayerNormalization(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* words, RequireInput(ctx, kWords));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* table, RequireInput(ctx, kWordTable));
  if (words->rank() != 2 || table->rank() != 2) return BadInput("EmbedLayerNormalization needs ids [batch,length] and tables of rank 2");
  const int64_t batch = words->dim(0), length = words->dim(1), width = table->dim(1);
  std::vector<Lookup> lookups(2);
  SAMOYED_ASSIGN_OR_RETURN(lookups[0], Lookup::Make(ctx, kWordTable, width));
  SAMOYED_ASSIGN_OR_RETURN(lookups[0].ids, Ids(ctx, kWords, batch, length));
  SAMOYED_ASSIGN_OR_RETURN(lookups[1], Lookup::Make(ctx, kPositionTable, width));
  if (ctx.input(kPositions) != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(lookups[1].ids, Ids(ctx, kPositions, batch, length));
  } else {
    for (int64_t i = 0; i < batch * length; ++i) lookups[1].ids.push_back(i % length);
  }
  if (ctx.input(kSegments) != nullptr) {
    lookups.emplace_back();
    SAMOYED_ASSIGN_OR_RETURN(lookups[2], Lookup::Make(ctx, kSegmentTable, width));
    SAMOYED_ASSIGN_OR_RETURN(lookups[2].ids, Ids(ctx, kSegments, batch, length));
  }
  ops::RowNorm norm{false, static_cast<double>(ctx.attributes().Float("epsilon", 1e-12f)), {}, {}};
  SAMOYED_ASSIGN_OR_RETURN(norm.scale, ops::RowParameter(ctx, kGamma, width, "gamma"));
  SAMOYED_ASSIGN_OR_RETURN(norm.bias, ops::RowParameter(ctx, kBeta, width, "beta"));
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, table->dtype(), (Shape{batch, length, width}));
  std::vector<double> sum(static_cast<size_t>(out->size()));
  for (const Lookup& lookup : lookups) {
    SAMOYED_RETURN_IF_ERROR(lookup.CheckIds());
    for (size_t i = 0; i < lookup.ids.size(); ++i) {
      for (int64_t k = 0; k < width; ++k)
        sum[i * static_cast<size_t>(width) + static_cast<size_t>(k)] += lookup.table[static_cast<size_t>(lookup.ids[i] * width + k)];
    }
  }
  if (ctx.wants_output(2)) {
    SAMOYED_ALLOCATE_OUTPUT(plain, ctx, 2, table->dtype(), out->shape());
    StoreAll(*plain, sum);
  }
  for (int64_t i = 0; i < batch * length; ++i) norm.Apply(sum.data() + i * width, width);
  StoreAll(*out, sum);
  if (!ctx.wants_output(1)) return OkStatus();
  std::vector<int64_t> counts(static_cast<size_t>(batch));
  if (ctx.input(kMask) != nullptr) {
    SAMOYED_ASSIGN_OR_RETURN(const std::vector<int64_t> mask, Ids(ctx, kMask, batch, length));
    for (size_t i = 0; i < mask.size(); ++i) counts[i / static_cast<size_t>(length)] += mask[i] == 1;
  }
  SAMOYED_ALLOCATE_OUTPUT(index, ctx, 1, DType::kInt32, (Shape{batch}));
  StoreAll(*index, counts);
  return OkStatus();
}

constexpr SchemaTypeConstraint kConstraints[] = {{"T1", ops::kInt32Types}, {"T", ops::kAnyFloatTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("input_ids", "T1"),
                                   ops::OptionalParam("segment_ids", "T1"),
                                   ops::Param("word_embedding", "T"),
                                   ops::Param("position_embedding", "T"),
                                   ops::OptionalParam("segment_embedding", "T"),
                                   ops::Param("gamma", "T"),
                                   ops::Param("beta", "T"),
                                   ops::OptionalParam("mask", "T1"),
                                   ops::OptionalParam("position_ids", "T1")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T"), ops::OptionalParam("mask_index", "T1"),
                                    ops::OptionalParam("embedding_sum", "T")};
constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("epsilon", 1e-12f), ops::BareAttr("mask_index_type", SchemaAttrType::kInt)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("EmbedLayerNormalization", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_EmbedLayerNormalization = {
    .infer = InferEmbedLayerNormalization, .run = RunEmbedLayerNormalization, .schemas = kSchemas};

}  // namespace samoyed
