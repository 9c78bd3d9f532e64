// HammingWindow: a list of weights for spectral analysis. https://onnx.ai/onnx/operators/onnx__HammingWindow.html
#include "ops/common/window.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunHammingWindow(KernelContext& ctx) { return ops::RunWindow(ctx, 25.0 / 46, 21.0 / 46, 0); }

}  // namespace

extern const OpDef kOp_onnx_HammingWindow = {.infer = ops::InferWindow, .run = RunHammingWindow};

}  // namespace samoyed
