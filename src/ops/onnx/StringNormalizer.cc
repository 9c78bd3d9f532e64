// StringNormalizer: a list of strings without stop words, in lower or upper case.
// https://onnx.ai/onnx/operators/onnx__StringNormalizer.html Case follows Unicode's simple mapping for any `locale`: results do not depend
// on the machine.
#include <set>
#include <string>

#include "ops/common/args.h"
#include "ops/common/unicode.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunStringNormalizer(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  const bool is_row = in->rank() == 2 && in->dim(0) == 1;
  if (in->dtype() != DType::kString || (in->rank() != 1 && !is_row)) {
    return BadInput("StringNormalizer needs strings of shape [C] or [1,C], not ", NameOf(in->dtype()), in->shape().ToString());
  }
  const std::string_view action = ctx.attributes().String("case_change_action", "NONE");
  if (action != "NONE" && action != "LOWER" && action != "UPPER") return BadInput("StringNormalizer: case_change_action '", action, "'");
  const bool exact = ctx.attributes().Int("is_case_sensitive") != 0;
  std::set<std::string, std::less<>> stop;
  for (const std::string& word : ctx.attributes().Strings("stopwords")) stop.insert(exact ? word : ops::ToLower(word));
  std::vector<std::string> kept;
  for (const std::string& word : in->strings()) {
    if (!stop.empty() && stop.contains(exact ? word : ops::ToLower(word))) continue;
    kept.push_back(action == "LOWER" ? ops::ToLower(word) : action == "UPPER" ? ops::ToUpper(word) : word);
  }
  if (kept.empty()) kept.emplace_back();
  Shape shape = {static_cast<int64_t>(kept.size())};
  if (is_row) shape = {1, shape[0]};
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kString, shape);
  for (size_t i = 0; i < kept.size(); ++i) out->mutable_strings()[i] = std::move(kept[i]);
  return OkStatus();
}

Status InferStringNormalizer(InferContext& ctx) {
  const Dims* shape = ctx.input_shape(0);
  Type out = Type::TensorOf(DType::kString);
  if (shape != nullptr) {
    if (shape->size() != 1 && shape->size() != 2) return BadInput("StringNormalizer of a tensor of rank ", shape->size());
    out.shape = ops::UnknownDims(static_cast<int>(shape->size()));
    if (shape->size() == 2) (*out.shape)[0] = Dim(1);
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_StringNormalizer = {.infer = InferStringNormalizer, .run = RunStringNormalizer};

}  // namespace samoyed
