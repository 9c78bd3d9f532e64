// SpaceToDepth: blocks of pixels laid out as channels. https://onnx.ai/onnx/operators/onnx__SpaceToDepth.html
#include "ops/onnx/depth_space.h"
#include "ops/op.h"

namespace samoyed {

extern const OpDef kOp_onnx_SpaceToDepth = {.infer = ops::InferSpaceToDepth, .run = ops::RunSpaceToDepth};

}  // namespace samoyed
