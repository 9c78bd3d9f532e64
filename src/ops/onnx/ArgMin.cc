// ArgMin: the index of the smallest element along an axis. https://onnx.ai/onnx/operators/onnx__ArgMin.html
#include "ops/common/arg_reduce.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunArgMin(KernelContext& ctx) { return ops::RunArgReduce(ctx, -1); }

}  // namespace

extern const OpDef kOp_onnx_ArgMin = {.infer = ops::InferArgReduce, .run = RunArgMin};

}  // namespace samoyed
