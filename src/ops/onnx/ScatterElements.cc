// ScatterElements: data with single elements replaced (or combined) by updates, placed by indices along an axis.
// https://onnx.ai/onnx/operators/onnx__ScatterElements.html
#include "ops/common/infer.h"
#include "ops/common/scatter.h"
#include "ops/op.h"

namespace samoyed {

extern const OpDef kOp_onnx_ScatterElements = {.infer = ops::InferSameAsInput, .run = ops::RunScatterElements};

}  // namespace samoyed
