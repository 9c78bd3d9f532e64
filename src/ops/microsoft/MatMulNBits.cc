// MatMulNBits: A times weights of 2 to 8 bits that have a scale and a zero point for each block of a column.
// com.microsoft, ONNX Runtime's ContribOperators. B is [N, blocks, bytes of a block], low bits first; zero points are packed the
// same way, a column's together, or are real numbers; without them the middle of the range is zero.
#include <limits>

#include "base/checked.h"
#include "ops/common/infer.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"
#include "tensor/convert.h"
#include "tensor/packed.h"

namespace samoyed {
namespace {

enum Inputs { kA, kB, kScales, kZeroPoints, kGroupIndex, kBias };

struct Layout {
  int64_t k = 0, n = 0, block = 0, bits = 0, blocks = 0, block_bytes = 0, zero_bytes = 0;  // zero_bytes: a column's packed zero points

  static Result<Layout> Of(const Attributes& a) {
    Layout l;
    l.k = a.Int("K");
    l.n = a.Int("N");
    l.block = a.Int("block_size");
    l.bits = a.Int("bits", 4);
    constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
    if (l.k < 1 || l.n < 1 || l.k > kMost || l.n > kMost)
      return BadInput("MatMulNBits: K is ", l.k, " and N is ", l.n, "; both must be positive and below 2^31");
    if (l.bits < 2 || l.bits > 8) return BadInput("MatMulNBits: bits is ", l.bits, ", it must be 2 to 8");
    if (l.block < 16 || l.block > kMost || (l.block & (l.block - 1)) != 0)
      return BadInput("MatMulNBits: block_size is ", l.block, ", it must be a power of two from 16 on");
    l.blocks = (l.k + l.block - 1) / l.block;
    l.block_bytes = l.block / 8 * l.bits;
    l.zero_bytes = (l.blocks * l.bits + 7) / 8;
    return l;
  }
};

// Element `i` of a run of packed elements.
uint32_t Unpack(const uint8_t* data, int64_t i, int64_t bits) { return bits == 8 ? data[i] : ReadBits(data, i, static_cast<int>(bits)); }

Status CheckSize(const char* what, const Tensor& t, std::optional<int64_t> needed) {
  if (needed && t.size() == *needed) return OkStatus();
  return BadInput("MatMulNBits: ", what, " of shape ", t.shape().ToString(), " does not fit N, K, bits and block_size");
}

// The zero point of each block, [N, blocks].
Result<std::vector<double>> ZeroPoints(const Tensor* t, const Layout& l) {
  std::vector<double> out(static_cast<size_t>(l.n * l.blocks), static_cast<double>(int64_t{1} << (l.bits - 1)));
  if (t == nullptr) return out;
  if (IsFloat(t->dtype())) {
    SAMOYED_RETURN_IF_ERROR(CheckSize("zero_points", *t, l.n * l.blocks));
    return LoadAll<double>(*t);
  }
  if (t->dtype() != DType::kUint8) return BadInput("MatMulNBits: zero_points are ", NameOf(t->dtype()), ", they must be uint8 or floats");
  SAMOYED_RETURN_IF_ERROR(CheckSize("zero_points", *t, l.n * l.zero_bytes));
  for (int64_t c = 0; c < l.n; ++c) {
    for (int64_t b = 0; b < l.blocks; ++b)
      out[static_cast<size_t>(c * l.blocks + b)] = Unpack(t->data<uint8_t>() + c * l.zero_bytes, b, l.bits);
  }
  return out;
}

Status InferMatMulNBits(InferContext& ctx) {
  Type out = Type::TensorOf(ctx.input_dtype(kA));
  if (const Dims* a = ctx.input_shape(kA)) {
    if (a->empty()) return BadInput("MatMulNBits does not take scalars");
    SAMOYED_RETURN_IF_ERROR(ops::MergeDim(a->back(), Dim(ctx.attributes().Int("K"))).status());
    out.shape = *a;
    out.shape->back() = Dim(ctx.attributes().Int("N"));
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

Status RunMatMulNBits(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Layout l, Layout::Of(ctx.attributes()));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* a, RequireInput(ctx, kA));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* b, RequireInput(ctx, kB));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scales, RequireInput(ctx, kScales));
  if (ctx.attributes().Int("weight_prepacked") != 0)
    return Unsupported("MatMulNBits with weights packed for another device cannot be read; save the model with weight_prepacked = 0");
  if (!IsFloat(a->dtype()) || a->rank() == 0 || a->shape().back() != l.k)
    return BadInput("MatMulNBits: A of shape ", a->shape().ToString(), " is not [..., K = ", l.k, "]");
  if (b->dtype() != DType::kUint8 || !IsFloat(scales->dtype())) return BadInput("MatMulNBits needs B of uint8 and scales of floats");
  const std::optional<int64_t> column_bytes = CheckedMul(l.blocks, l.block_bytes);
  SAMOYED_RETURN_IF_ERROR(CheckSize("B", *b, column_bytes ? CheckedMul(l.n, *column_bytes) : std::nullopt));
  SAMOYED_RETURN_IF_ERROR(CheckSize("scales", *scales, l.n * l.blocks));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> zero, ZeroPoints(ctx.input(kZeroPoints), l));
  std::vector<int64_t> group;  // the block of each row of the weights, where the model says so
  if (const Tensor* g = ctx.input(kGroupIndex)) {
    group = LoadAll<int64_t>(*g);
    if (static_cast<int64_t>(group.size()) < l.k) return BadInput("MatMulNBits: g_idx has ", group.size(), " elements, K is ", l.k);
    for (int64_t& i : group) {
      if (i < 0 || i >= l.blocks) return BadInput("MatMulNBits: g_idx holds ", i, ", there are ", l.blocks, " blocks");
    }
  }
  const Tensor* bias = ctx.input(kBias);
  if (bias != nullptr) SAMOYED_RETURN_IF_ERROR(CheckSize("bias", *bias, l.n));
  Shape shape = a->shape();
  shape[shape.rank() - 1] = l.n;
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, a->dtype(), shape);
  const std::vector<double> x = LoadAll<double>(*a), scale = LoadAll<double>(*scales);
  const std::vector<double> added = bias == nullptr ? std::vector<double>(static_cast<size_t>(l.n)) : LoadAll<double>(*bias);
  const int64_t rows = a->size() / l.k;
  std::vector<double> y(static_cast<size_t>(out->size())), column(static_cast<size_t>(l.k));
  for (int64_t c = 0; c < l.n; ++c) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t i = 0; i < l.k; ++i) {
      const auto at = static_cast<size_t>(c * l.blocks + (group.empty() ? i / l.block : group[static_cast<size_t>(i)]));
      const uint8_t* block = b->data<uint8_t>() + (c * l.blocks + i / l.block) * l.block_bytes;
      column[static_cast<size_t>(i)] = (Unpack(block, i % l.block, l.bits) - zero[at]) * scale[at];
    }
    for (int64_t r = 0; r < rows; ++r) {
      double sum = added[static_cast<size_t>(c)];
      for (int64_t i = 0; i < l.k; ++i) sum += x[static_cast<size_t>(r * l.k + i)] * column[static_cast<size_t>(i)];
      y[static_cast<size_t>(r * l.n + c)] = sum;
    }
  }
  StoreAll(*out, y);
  return OkStatus();
}

constexpr std::string_view kZeroPointTypes[] = {"tensor(uint8)", "tensor(float)", "tensor(float16)", "tensor(bfloat16)"};
constexpr std::string_view kWeightTypes[] = {"tensor(uint8)"};
constexpr SchemaTypeConstraint kConstraints[] = {
    {"T1", ops::kAnyFloatTypes}, {"T2", kWeightTypes}, {"T3", kZeroPointTypes}, {"T4", ops::kInt32Types}};
constexpr SchemaParam kInputs[] = {ops::Param("A", "T1"),
                                   ops::Param("B", "T2"),
                                   ops::Param("scales", "T1"),
                                   ops::OptionalParam("zero_points", "T3"),
                                   ops::OptionalParam("g_idx", "T4"),
                                   ops::OptionalParam("bias", "T1")};
constexpr SchemaParam kOutputs[] = {ops::Param("Y", "T1")};
constexpr SchemaAttr kAttributes[] = {ops::BareAttr("K", SchemaAttrType::kInt, true),
                                      ops::BareAttr("N", SchemaAttrType::kInt, true),
                                      ops::IntAttr("bits", 4),
                                      ops::BareAttr("block_size", SchemaAttrType::kInt, true),
                                      ops::IntAttr("accuracy_level", 0),
                                      ops::IntAttr("weight_prepacked", 0)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("MatMulNBits", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_MatMulNBits = {.infer = InferMatMulNBits, .run = RunMatMulNBits, .schemas = kSchemas};

}  // namespace samoyed
