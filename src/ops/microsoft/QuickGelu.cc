// QuickGelu: x sigmoid(alpha x). com.microsoft, ONNX Runtime's ContribOperators.
#include <cmath>

#include "ops/common/infer.h"
#include "ops/microsoft/gelu.h"

namespace samoyed {
namespace {

Status RunQuickGelu(KernelContext& ctx) {
  const double alpha = static_cast<double>(ctx.attributes().Float("alpha", 1.702f));
  return ops::RunBiasActivation(ctx, [alpha](double x) { return x / (1 + std::exp(-alpha * x)); });
}

constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("alpha", 1.702f)};
constexpr OpSchema kSchemas[] = {ops::MicrosoftSchema("QuickGelu", ops::kUnaryInputs, ops::kUnaryOutputs, kAttributes, ops::kFloatT)};

}  // namespace

extern const OpDef kOp_microsoft_QuickGelu = {
    .infer = ops::InferSameAsInput, .run = RunQuickGelu, .facts = {.elementwise = true, .in_place = true}, .schemas = kSchemas};

}  // namespace samoyed
