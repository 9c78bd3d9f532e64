// SVMRegressor: sum of coefficient * kernel(x, support vector) + rho; one-class machines say 1 or -1.
// https://onnx.ai/onnx/operators/onnx_aionnxml_SVMRegressor.html Without support vectors: a linear function of x.
#include "base/checked.h"
#include "ops/ml/svm.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status InferSVMRegressor(InferContext& ctx) { return ops::InferRegressor(ctx, 1); }

Status RunSVMRegressor(KernelContext& ctx) {
  const Attributes& a = ctx.attributes();
  SAMOYED_ASSIGN_OR_RETURN(const ops::Rows x, ops::ReadRows(ctx));
  SAMOYED_ASSIGN_OR_RETURN(const ops::PostTransform transform, ops::PostTransformAttribute(ctx));
  SAMOYED_ASSIGN_OR_RETURN(ops::SvmKernel kernel, ops::SvmKernel::Make(ctx));
  const std::span<const float> coefficients = a.Floats("coefficients"), rho = a.Floats("rho"), own = a.Floats("support_vectors");
  const int64_t supports = a.Int("n_supports");
  if (rho.empty()) return BadInput("SVMRegressor needs rho");
  const bool linear = supports <= 0;
  if (linear) kernel = ops::SvmKernel::Linear();
  const std::optional<int64_t> needed = CheckedMul(supports, x.width);
  if (linear ? static_cast<int64_t>(coefficients.size()) != x.width
             : !needed || *needed != static_cast<int64_t>(own.size()) || static_cast<int64_t>(coefficients.size()) != supports) {
    return BadInput("SVMRegressor: ", coefficients.size(), " coefficients and ", own.size(), " numbers of support vectors do not fit ",
                    supports, " support vectors of ", x.width, " features");
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, DType::kFloat, (Shape{x.count, 1}));
  for (int64_t i = 0; i < x.count; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    double sum = static_cast<double>(rho[0]);
    if (linear) sum += kernel(x.row(i), coefficients.data(), x.width);
    for (int64_t j = 0; j < supports; ++j)
      sum += static_cast<double>(coefficients[static_cast<size_t>(j)]) * kernel(x.row(i), own.data() + j * x.width, x.width);
    if (a.Int("one_class") != 0)
      sum = sum > 0 ? 1 : -1;
    else if (transform == ops::PostTransform::kProbit)
      sum = ops::Probit(sum);
    out->mutable_data<float>()[i] = static_cast<float>(sum);
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_ml_SVMRegressor = {.infer = InferSVMRegressor, .run = RunSVMRegressor};

}  // namespace samoyed
