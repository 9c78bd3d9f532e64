// GatherBlockQuantized: Gather from a tensor that is quantised in blocks along another axis, as real numbers. com.microsoft, ONNX Runtime's
// ContribOperators. Bytes hold 8 / bits elements along the last axis, low bits first, and so do their zero points; indices outside the
// axis take zeros.
#include <limits>

#include "base/checked.h"
#include "ops/common/infer.h"
#include "ops/common/schema_parts.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

enum Inputs { kData, kIndices, kScales, kZeroPoints };

// How many elements a stored one holds: bytes are packed, narrower types count for themselves.
Result<int64_t> Packing(const NodeContext& ctx, DType dtype) {
  if (dtype != DType::kUint8) return 1;
  const int64_t bits = ctx.attributes().Int("bits", 4);
  if (bits != 2 && bits != 4 && bits != 8) return BadInput("GatherBlockQuantized: bits is ", bits, ", it must be 2, 4 or 8");
  return 8 / bits;
}

Status InferGatherBlockQuantized(InferContext& ctx) {
  Type out = Type::TensorOf(ctx.input_dtype(kScales));
  const Dims *data = ctx.input_shape(kData), *indices = ctx.input_shape(kIndices);
  if (data != nullptr && indices != nullptr && !data->empty()) {
    SAMOYED_ASSIGN_OR_RETURN(const int64_t packing, Packing(ctx, ctx.input_dtype(kData)));
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("gather_axis"), static_cast<int>(data->size())));
    Dims shape = *data;
    const std::optional<int64_t> last = shape.back().known() ? CheckedMul(shape.back().value, packing) : std::nullopt;
    shape.back() = last ? Dim(*last) : packing == 1 ? shape.back() : Dim();
    shape.erase(shape.begin() + axis);
    shape.insert(shape.begin() + axis, indices->begin(), indices->end());
    out.shape = std::move(shape);
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

// The logical elements of packed data (or zero points), of shape `shape`.
Result<std::vector<int64_t>> Unpack(const Tensor& t, int64_t packing, const Shape& shape) {
  SAMOYED_RETURN_IF_ERROR(shape.CheckedNumElements().status());
  const std::vector<int64_t> stored = LoadAll<int64_t>(t);
  if (packing == 1) return stored;
  std::vector<int64_t> out;
  const int64_t width = shape.back(), row = t.shape().back(), bits = 8 / packing;
  for (int64_t r = 0; r < shape.Product(0, shape.rank() - 1); ++r) {
    for (int64_t i = 0; i < width; ++i) {
      out.push_back(stored[static_cast<size_t>(r * row + i / packing)] >> (i % packing * bits) & ((int64_t{1} << bits) - 1));
    }
  }
  return out;
}

struct Layout {
  Shape shape, scales;  // of the elements and of their scales
  int gather = 0, quantize = 0;
  int64_t block = 0, packing = 1;
};

Result<Layout> Plan(const KernelContext& ctx, const Tensor& data, const Tensor& scales) {
  const Attributes& a = ctx.attributes();
  Layout l;
  if (data.rank() < 1 || !IsInteger(data.dtype()) || BitWidth(data.dtype()) > 8)
    return BadInput("GatherBlockQuantized needs bytes or 4-bit integers, got ", NameOf(data.dtype()), data.shape().ToString());
  SAMOYED_ASSIGN_OR_RETURN(l.packing, Packing(ctx, data.dtype()));
  SAMOYED_ASSIGN_OR_RETURN(l.gather, NormalizeAxis(a.Int("gather_axis"), data.rank()));
  SAMOYED_ASSIGN_OR_RETURN(l.quantize, NormalizeAxis(a.Int("quantize_axis", 1), data.rank()));
  l.block = a.Int("block_size", 128);
  if (l.block < 16 || l.block > std::numeric_limits<int32_t>::max() || (l.block & (l.block - 1)) != 0)
    return BadInput("GatherBlockQuantized: block_size is ", l.block, ", it must be a power of two from 16 on");
  if (l.packing > 1 && (l.quantize != data.rank() - 1 || l.gather == l.quantize))
    return BadInput("GatherBlockQuantized: packed bytes must be quantised along the last axis and gathered along another");
  l.shape = data.shape();
  const std::optional<int64_t> last = CheckedMul(l.shape.back(), l.packing);
  if (!last) return BadInput("GatherBlockQuantized: a shape of ", data.shape().ToString(), " overflows");
  l.shape[l.shape.rank() - 1] = *last;
  l.scales = l.shape;
  l.scales[l.quantize] = l.shape[l.quantize] / l.block + (l.shape[l.quantize] % l.block != 0);
  if (!IsFloat(scales.dtype()) || !(scales.shape() == l.scales))
    return BadInput("GatherBlockQuantized: scales must be floats ", l.scales.ToString(), ", got ", scales.shape().ToString());
  return l;
}

Status RunGatherBlockQuantized(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* data, RequireInput(ctx, kData));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* indices, RequireInput(ctx, kIndices));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* scales, RequireInput(ctx, kScales));
  if (!IsInteger(indices->dtype())) return BadInput("GatherBlockQuantized needs integers as indices, got ", NameOf(indices->dtype()));
  SAMOYED_ASSIGN_OR_RETURN(const Layout l, Plan(ctx, *data, *scales));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int64_t> elements, Unpack(*data, l.packing, l.shape));
  // Without zero points, bytes are centred and the signed types of four bits are as they are.
  std::vector<int64_t> zeros(static_cast<size_t>(scales->size()), data->dtype() == DType::kUint8 ? int64_t{1} << (8 / l.packing - 1) : 0);
  if (const Tensor* given = ctx.input(kZeroPoints)) {
    Shape stored = l.scales;
    stored[stored.rank() - 1] = l.scales.back() / l.packing + (l.scales.back() % l.packing != 0);
    if (given->dtype() != data->dtype() || !(given->shape() == stored))
      return BadInput("GatherBlockQuantized: zero_points must be ", NameOf(data->dtype()), stored.ToString(), ", got ",
                      given->shape().ToString());
    SAMOYED_ASSIGN_OR_RETURN(zeros, Unpack(*given, l.packing, l.scales));
  }
  Shape shape(l.shape.dims().first(static_cast<size_t>(l.gather)));
  for (int64_t d : indices->shape()) shape.push_back(d);
  for (int i = l.gather + 1; i < l.shape.rank(); ++i) shape.push_back(l.shape[i]);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, scales->dtype(), shape);
  const std::vector<double> scale = LoadAll<double>(*scales);
  const std::vector<int64_t> places = LoadAll<int64_t>(*indices);
  const int64_t outer = l.shape.Product(0, l.gather), length = l.shape[l.gather], inner = l.shape.Product(l.gather + 1, l.shape.rank());
  const int64_t q_inner = l.shape.Product(l.quantize + 1, l.shape.rank()), q_length = l.shape[l.quantize], blocks = l.scales[l.quantize];
  int64_t to = 0;
  std::vector<double> run(static_cast<size_t>(inner));
  for (int64_t o = 0; o < outer; ++o) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    for (int64_t place : places) {
      const std::optional<int64_t> at = NormalizeIndex(place, length);
      for (int64_t i = 0; i < inner; ++i) {
        run[static_cast<size_t>(i)] = 0;
        if (!at) continue;
        const int64_t e = (o * length + *at) * inner + i;
        const auto s = static_cast<size_t>((e / (q_inner * q_length) * blocks + e / q_inner % q_length / l.block) * q_inner + e % q_inner);
        run[static_cast<size_t>(i)] = static_cast<double>(elements[static_cast<size_t>(e)] - zeros[s]) * scale[s];
      }
      Store(*out, to, inner, run.data());
      to += inner;
    }
  }
  return OkStatus();
}

constexpr std::string_view kDataTypes[] = {"tensor(int4)", "tensor(uint4)", "tensor(uint8)"};
constexpr std::string_view kIndexTypes[] = {"tensor(int32)", "tensor(int64)"};
constexpr SchemaTypeConstraint kConstraints[] = {{"T1", kDataTypes}, {"T2", ops::kAnyFloatTypes}, {"Tind", kIndexTypes}};
constexpr SchemaParam kInputs[] = {ops::Param("data", "T1"), ops::Param("indices", "Tind"), ops::Param("scales", "T2"),
                                   ops::OptionalParam("zero_points", "T1")};
constexpr SchemaParam kOutputs[] = {ops::Param("output", "T2")};
constexpr SchemaAttr kAttributes[] = {ops::IntAttr("gather_axis", 0), ops::IntAttr("quantize_axis", 1), ops::IntAttr("block_size", 128),
                                      ops::IntAttr("bits", 4)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("GatherBlockQuantized", kInputs, kOutputs, kAttributes, kConstraints)};

}  // namespace

extern const OpDef kOp_microsoft_GatherBlockQuantized = {
    .infer = InferGatherBlockQuantized, .run = RunGatherBlockQuantized, .schemas = kSchemas};

}  // namespace samoyed
