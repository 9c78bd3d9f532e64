// OneHotEncoder: each element becomes a row of zeros with a one at the place of its category.
// https://onnx.ai/onnx/operators/onnx_aionnxml_OneHotEncoder.html
#include <algorithm>
#include <map>
#include <string>

#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

int64_t Categories(const Attributes& a) {
  return static_cast<int64_t>(std::max(a.Ints("cats_int64s").size(), a.Strings("cats_strings").size()));
}

Status InferOneHotEncoder(InferContext& ctx) {
  Type out = Type::TensorOf(DType::kFloat);
  if (const Dims* x = ctx.input_shape(0)) {
    out.shape = *x;
    out.shape->push_back(Dim(Categories(ctx.attributes())));
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

// The place of each element among the categories, -1 where it is none of them. The last of equal categories counts.
Result<std::vector<int64_t>> Places(const Tensor& x, const Attributes& a) {
  std::vector<int64_t> places(static_cast<size_t>(x.size()), -1);
  if (x.dtype() == DType::kString) {
    std::map<std::string_view, int64_t> index;
    int64_t at = 0;
    for (const std::string& cat : a.Strings("cats_strings")) index[cat] = at++;
    for (size_t i = 0; i < places.size(); ++i) {
      if (const auto it = index.find(x.strings()[i]); it != index.end()) places[i] = it->second;
    }
    return places;
  }
  if (ClassOf(x.dtype()) == DTypeClass::kComplex) return BadInput("OneHotEncoder takes strings and real numbers, not ", NameOf(x.dtype()));
  std::map<int64_t, int64_t> index;
  int64_t at = 0;
  for (int64_t cat : a.Ints("cats_int64s")) index[cat] = at++;
  const std::vector<int64_t> values = LoadAll<int64_t>(x);
  for (size_t i = 0; i < places.size(); ++i) {
    if (const auto it = index.find(values[i]); it != index.end()) places[i] = it->second;
  }
  return places;
}

Status RunOneHotEncoder(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  const Attributes& a = ctx.attributes();
  const int64_t n = Categories(a);
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int64_t> places, Places(*x, a));
  Shape shape = x->shape();
  shape.push_back(n);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kFloat, shape);
  std::fill_n(out->mutable_data<float>(), out->size(), 0.0f);
  const bool zeros = a.Int("zeros", 1) != 0;
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] >= 0)
      out->mutable_data<float>()[static_cast<int64_t>(i) * n + places[i]] = 1;
    else if (!zeros)
      return BadInput("OneHotEncoder: element ", i, " is none of the ", n, " categories, and attribute zeros = 0 forbids that");
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_OneHotEncoder = {.infer = InferOneHotEncoder, .run = RunOneHotEncoder};

}  // namespace samoyed
