// QLinearAdd: C = quantise(dequantise(A) + dequantise(B)), broadcast. com.microsoft, ONNX Runtime's ContribOperators.
#include "ops/microsoft/qlinear.h"

namespace samoyed {
namespace {

Status RunQLinearAdd(KernelContext& ctx) { return ops::RunQLinearBinary(ctx, ops::QLinearBinary::kAdd); }

constexpr OpSchema kSchemas[] = {
    ops::MicrosoftSchema("QLinearAdd", ops::kQLinearBinaryInputs, ops::kQLinearBinaryOutputs, {}, ops::kQuantizedT)};

}  // namespace

extern const OpDef kOp_microsoft_QLinearAdd = {
    .infer = ops::InferQLinearBinary,
    .run = RunQLinearAdd,
    .facts = {.elementwise = true},
    .schemas = kSchemas,
};

}  // namespace samoyed
