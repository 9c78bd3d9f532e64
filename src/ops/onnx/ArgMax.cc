// ArgMax: the index of the largest element along an axis. https://onnx.ai/onnx/operators/onnx__ArgMax.html
#include "ops/common/arg_reduce.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunArgMax(KernelContext& ctx) { return ops::RunArgReduce(ctx, 1); }

}  // namespace

extern const OpDef kOp_onnx_ArgMax = {.infer = ops::InferArgReduce, .run = RunArgMax};

}  // namespace samoyed
