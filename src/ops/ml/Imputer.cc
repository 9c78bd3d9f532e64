// Imputer: elements equal to a value that stands for "missing" (NaN equals NaN) get the imputed one, one for all or one a feature.
// https://onnx.ai/onnx/operators/onnx_aionnxml_Imputer.html
#include <cmath>

#include "ops/common/infer.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

template <typename Wide, typename T>
Status Impute(KernelContext& ctx, const Tensor& x, std::span<const T> imputed, T missing) {
  const auto width = static_cast<size_t>(x.shape().back());
  if (imputed.size() != 1 && imputed.size() != width) {
    return BadInput("Imputer: ", imputed.size(), " imputed values for rows of ", width, " features: one, or one a feature, is needed");
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x.dtype(), x.shape());
  std::vector<Wide> values = LoadAll<Wide>(x);
  for (size_t i = 0; i < values.size(); ++i) {
    bool replace = values[i] == static_cast<Wide>(missing);
    if constexpr (std::is_floating_point_v<Wide>) replace = replace || (std::isnan(values[i]) && std::isnan(missing));
    if (replace) values[i] = static_cast<Wide>(imputed[imputed.size() == 1 ? 0 : i % width]);
  }
  StoreAll(*out, values);
  return OkStatus();
}

Status RunImputer(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (x->rank() == 0) return BadInput("Imputer needs at least one axis");
  const Attributes& a = ctx.attributes();
  if (IsFloat(x->dtype())) return Impute<double, float>(ctx, *x, a.Floats("imputed_value_floats"), a.Float("replaced_value_float"));
  if (IsInteger(x->dtype())) return Impute<int64_t, int64_t>(ctx, *x, a.Ints("imputed_value_int64s"), a.Int("replaced_value_int64"));
  return BadInput("Imputer needs numbers, got ", NameOf(x->dtype()));
}

}  // namespace

extern const OpDef kOp_ml_Imputer = {.infer = ops::InferSameAsInput, .run = RunImputer};

}  // namespace samoyed
