// BlackmanWindow: a list of weights for spectral analysis. https://onnx.ai/onnx/operators/onnx__BlackmanWindow.html
#include "ops/common/window.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunBlackmanWindow(KernelContext& ctx) { return ops::RunWindow(ctx, 0.42, 0.5, 0.08); }

}  // namespace

extern const OpDef kOp_onnx_BlackmanWindow = {.infer = ops::InferWindow, .run = RunBlackmanWindow};

}  // namespace samoyed
