// Scatter: the name of ScatterElements before version 11. https://onnx.ai/onnx/operators/onnx__Scatter.html
#include "ops/common/scatter.h"

#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {

extern const OpDef kOp_onnx_Scatter = {.infer = ops::InferSameAsInput, .run = ops::RunScatterElements};

}  // namespace samoyed
