// QLinearLeakyRelu: Y = quantise(f(dequantise(X))), f(x) = x < 0 ? alpha x : x. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/common/infer.h"
#include "ops/microsoft/qlinear.h"

namespace samoyed {
namespace {

Status RunQLinearLeakyRelu(KernelContext& ctx) {
  return ops::RunQLinearUnary(ctx, [](double x, const Attributes& attributes) { return x < 0 ? x * attributes.Float("alpha", 0.01f) : x; });
}

constexpr SchemaAttr kAttributes[] = {ops::FloatAttr("alpha", 0.01f)};
constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearLeakyRelu", ops::kQLinearUnaryInputs, ops::kQLinearUnaryOutputs, kAttributes, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearLeakyRelu = {
    .infer = ops::InferSameAsInput,
    .run = RunQLinearLeakyRelu,
    .facts = {.elementwise = true, .in_place = true},
    .schemas = kSchemas,
};

}  // namespace samoyed
