// CastMap: the values of a map from integers, in the order of their keys (DENSE) or at their keys' places in a row of `max_map`
// (SPARSE), as float, int64 or string. Numbers become text with six digits behind the point, and strings without a key say "0.f",
// as in ONNX Runtime. https://onnx.ai/onnx/operators/onnx_aionnxml_CastMap.html
#include <charconv>
#include <cmath>

#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Result<DType> TargetType(const NodeContext& ctx) {
  const std::string_view to = ctx.attributes().String("cast_to", "TO_FLOAT");
  if (to == "TO_FLOAT") return DType::kFloat;
  if (to == "TO_INT64") return DType::kInt64;
  if (to == "TO_STRING") return DType::kString;
  return BadInput("CastMap: cast_to ", Quote(to), " is none of TO_FLOAT, TO_INT64, TO_STRING");
}

bool IsSparse(const NodeContext& ctx) { return ctx.attributes().String("map_form", "DENSE") == "SPARSE"; }

Status InferCastMap(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, TargetType(ctx));
  const int64_t max_map = ctx.attributes().Int("max_map", 1);
  ctx.set_output_type(0, Type::TensorOf(dtype, Dims{Dim(1), IsSparse(ctx) && max_map >= 0 ? Dim(max_map) : Dim()}));
  return OkStatus();
}

// One element of the map into one of the output.
Status Convert(const Tensor& from, Tensor& out, int64_t at) {
  if (from.size() != 1) return BadInput("CastMap needs single elements as the map's values");
  if (from.dtype() != DType::kString) {
    const auto value = At<double>(from);
    if (out.dtype() == DType::kString) {
      char text[512];  // the largest double has 309 digits before the point
      out.mutable_strings()[at].assign(text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 6).ptr);
    } else {
      Store(out, at, 1, &value);
    }
    return OkStatus();
  }
  const std::string& text = from.strings()[0];
  if (out.dtype() == DType::kString) {
    out.mutable_strings()[at] = text;
    return OkStatus();
  }
  // Leading blanks are skipped, and what follows the number is not looked at, as C's strtod has it.
  const char* begin = text.data() + std::min(text.find_first_not_of(" \t\r\n"), text.size());
  const char* end = text.data() + text.size();
  if (begin != end && *begin == '+') ++begin;
  double real = 0;
  int64_t whole = 0;
  const std::errc error = out.dtype() == DType::kFloat ? std::from_chars(begin, end, real).ec : std::from_chars(begin, end, whole).ec;
  if (error != std::errc()) return BadInput("CastMap: ", Quote(text), " is no number that fits");
  if (out.dtype() == DType::kFloat)
    Store(out, at, 1, &real);
  else
    Store(out, at, 1, &whole);
  return OkStatus();
}

Status RunCastMap(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const DType dtype, TargetType(ctx));
  const Value* x = ctx.input_value(0);
  if (x == nullptr || !x->is_map() || x->map().key_type != DType::kInt64) return BadInput("CastMap needs a map whose keys are int64");
  const auto& items = x->map().by_int;
  const bool sparse = IsSparse(ctx);
  const int64_t n = sparse ? ctx.attributes().Int("max_map", 1) : static_cast<int64_t>(items.size());
  constexpr int64_t kLongest = int64_t{1} << 24;  // only an attribute says how long a sparse row is
  if (sparse && (n < 1 || n > kLongest)) return BadInput("CastMap: max_map is ", n, ", it must be in [1, ", kLongest, "]");
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, dtype, (Shape{1, n}));
  if (dtype == DType::kString) {
    for (int64_t i = 0; i < n; ++i) out->mutable_strings()[i] = sparse ? "0.f" : "";
  } else {
    StoreAll(*out, std::vector<int64_t>(static_cast<size_t>(n)));
  }
  int64_t next = 0;
  for (const auto& [key, value] : items) {
    const int64_t at = sparse ? key : next++;
    if (sparse && key >= n) continue;
    if (at < 0) return BadInput("CastMap: key ", key, " is negative, which has no place in a sparse row");
    if (!value.is_tensor()) return BadInput("CastMap needs a map to numbers or strings");
    SAMOYED_RETURN_IF_ERROR(Convert(value.tensor(), *out, at));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_CastMap = {.infer = InferCastMap, .run = RunCastMap};

}  // namespace samoyed
