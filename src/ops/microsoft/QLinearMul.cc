// QLinearMul: C = quantise(dequantise(A) * dequantise(B)), broadcast. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/microsoft/qlinear.h"

namespace samoyed {
namespace {

Status RunQLinearMul(KernelContext& ctx) { return ops::RunQLinearBinary(ctx, ops::QLinearBinary::kMul); }

constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearMul", ops::kQLinearBinaryInputs, ops::kQLinearBinaryOutputs, {}, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearMul = {
    .infer = ops::InferQLinearBinary,
    .run = RunQLinearMul,
    .facts = {.elementwise = true},
    .schemas = kSchemas,
};

}  // namespace samoyed
