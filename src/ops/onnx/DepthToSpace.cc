// DepthToSpace: channels laid out as pixels. https://onnx.ai/onnx/operators/onnx__DepthToSpace.html
#include "ops/onnx/depth_space.h"
#include "ops/op.h"

namespace samoyed {

extern const OpDef kOp_onnx_DepthToSpace = {.infer = ops::InferDepthToSpace, .run = ops::RunDepthToSpace};

}  // namespace samoyed
