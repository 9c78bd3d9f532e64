// QLinearSigmoid: Y = quantise(f(dequantise(X))), f(x) = 1 / (1 + exp(-x)). com.microsoft, ONNX Runtime's ContribOperators.
#include <cmath>

#include "ops/common/infer.h"
#include "ops/microsoft/qlinear.h"

namespace samoyed {
namespace {

Status RunQLinearSigmoid(KernelContext& ctx) {
  return ops::RunQLinearUnary(ctx, [](double x, const Attributes&) { return 1 / (1 + std::exp(-x)); });
}

constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearSigmoid", ops::kQLinearUnaryInputs, ops::kQLinearUnaryOutputs, {}, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearSigmoid = {
    .infer = ops::InferSameAsInput,
    .run = RunQLinearSigmoid,
    .facts = {.elementwise = true, .in_place = true},
    .schemas = kSchemas,
};

}  // namespace samoyed
