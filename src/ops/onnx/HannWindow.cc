// HannWindow: a list of weights for spectral analysis. https://onnx.ai/onnx/operators/onnx__HannWindow.html
#include "ops/common/window.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunHannWindow(KernelContext& ctx) { return ops::RunWindow(ctx, 0.5, 0.5, 0); }

}  // namespace

extern const OpDef kOp_onnx_HannWindow = {.infer = ops::InferWindow, .run = RunHannWindow};

}  // namespace samoyed
