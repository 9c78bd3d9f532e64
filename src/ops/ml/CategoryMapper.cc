// CategoryMapper: strings to integers or integers to strings, by two lists side by side; others become a default.
// https://onnx.ai/onnx/operators/onnx_aionnxml_CategoryMapper.html
#include <string>
#include <unordered_map>

#include "ops/op.h"

namespace samoyed {
namespace {

Status InferCategoryMapper(InferContext& ctx) {
  if (ctx.tensor_type(0) == nullptr) return OkStatus();
  Type out = Type::TensorOf(ctx.input_dtype(0) == DType::kString ? DType::kInt64 : DType::kString);
  out.shape = ctx.tensor_type(0)->shape;
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

template <typename Key, typename T>
void Map(std::span<const Key> keys, std::span<const T> values, const T& fallback, std::span<const Key> x, T* out) {
  std::unordered_map<Key, size_t> index;
  for (size_t i = 0; i < keys.size(); ++i) index[keys[i]] = i;
  for (size_t i = 0; i < x.size(); ++i) {
    const auto it = index.find(x[i]);
    out[i] = it == index.end() ? fallback : values[it->second];
  }
}

Status RunCategoryMapper(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  const Attributes& a = ctx.attributes();
  const auto ints = a.Ints("cats_int64s");
  const auto strings = a.Strings("cats_strings");
  if (ints.size() != strings.size())
    return BadInput("CategoryMapper: cats_int64s has ", ints.size(), " elements, cats_strings ", strings.size());
  if (x->dtype() == DType::kString) {
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kInt64, x->shape());
    Map<std::string, int64_t>(strings, ints, a.Int("default_int64", -1), x->strings(), out->mutable_data<int64_t>());
  } else if (x->dtype() == DType::kInt64) {
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kString, x->shape());
    Map<int64_t, std::string>(ints, strings, std::string(a.String("default_string", "_Unused")), x->span<int64_t>(),
                              out->mutable_strings());
  } else {
    return BadInput("CategoryMapper takes string and int64, not ", NameOf(x->dtype()));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_CategoryMapper = {.infer = InferCategoryMapper, .run = RunCategoryMapper};

}  // namespace samoyed
