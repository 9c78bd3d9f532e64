// StringSplit: the pieces of each string between delimiters (or white space), padded with empty strings to the largest number,
// and how many there are. https://onnx.ai/onnx/operators/onnx__StringSplit.html
#include <algorithm>
#include <limits>

#include "ops/op.h"

namespace samoyed {
namespace {

constexpr std::string_view kWhite = " \t\n\r\f\v";

// Pieces of `text`; at most `splits` cuts, the last piece is what is left. An empty delimiter means runs of white space.
std::vector<std::string_view> Split(std::string_view text, std::string_view delimiter, int64_t splits) {
  std::vector<std::string_view> pieces;
  if (delimiter.empty()) {
    for (size_t at = text.find_first_not_of(kWhite); at != std::string_view::npos; at = text.find_first_not_of(kWhite)) {
      text.remove_prefix(at);
      const size_t end = static_cast<int64_t>(pieces.size()) < splits ? text.find_first_of(kWhite) : std::string_view::npos;
      pieces.push_back(text.substr(0, end));
      if (end == std::string_view::npos) break;
      text.remove_prefix(end);
    }
    return pieces;
  }
  size_t end;
  while (static_cast<int64_t>(pieces.size()) < splits && (end = text.find(delimiter)) != std::string_view::npos) {
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end + delimiter.size());
  }
  pieces.push_back(text);
  return pieces;
}

Status RunStringSplit(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (in->dtype() != DType::kString) return BadInput("StringSplit needs strings, not ", NameOf(in->dtype()));
  const int64_t given = ctx.attributes().Int("maxsplit", -1);
  const int64_t splits = given < 0 ? std::numeric_limits<int64_t>::max() : given;
  std::vector<std::vector<std::string_view>> all;
  int64_t most = 0;
  for (const std::string& text : in->strings()) {
    all.push_back(Split(text, ctx.attributes().String("delimiter"), splits));
    most = std::max(most, static_cast<int64_t>(all.back().size()));
  }
  Shape shape = in->shape();
  shape.push_back(most);
  if (ctx.wants_output(0)) {
    SAMOYED_ALLOCATE_OUTPUT(pieces, ctx, 0, DType::kString, shape);
    for (size_t i = 0; i < all.size(); ++i) {
      std::string* to = pieces->mutable_strings() + static_cast<int64_t>(i) * most;
      for (int64_t k = 0; k < most; ++k)
        to[k] = static_cast<size_t>(k) < all[i].size() ? all[i][static_cast<size_t>(k)] : std::string_view();
    }
  }
  if (!ctx.wants_output(1)) return OkStatus();
  SAMOYED_ALLOCATE_OUTPUT(counts, ctx, 1, DType::kInt64, in->shape());
  for (size_t i = 0; i < all.size(); ++i) counts->mutable_data<int64_t>()[i] = static_cast<int64_t>(all[i].size());
  return OkStatus();
}

Status InferStringSplit(InferContext& ctx) {
  Type pieces = Type::TensorOf(DType::kString), counts = Type::TensorOf(DType::kInt64);
  if (const Dims* shape = ctx.input_shape(0)) {
    counts.shape = *shape;
    pieces.shape = *shape;
    pieces.shape->push_back(Dim());
  }
  ctx.set_output_type(0, std::move(pieces));
  if (ctx.num_outputs() > 1) ctx.set_output_type(1, std::move(counts));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_StringSplit = {.infer = InferStringSplit, .run = RunStringSplit};

}  // namespace samoyed
