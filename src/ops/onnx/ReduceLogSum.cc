// ReduceLogSum: the logarithm of the sum over axes. https://onnx.ai/onnx/operators/onnx__ReduceLogSum.html
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/reduce.h"

namespace samoyed {
namespace {

Status RunReduceLogSum(KernelContext& ctx) {
  const ops::Reduction<double> floats = {0, [](double s, double x) { return s + x; }, [](double s, int64_t) { return std::log(s); }};

  return ops::RunReduce(ctx, floats);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceLogSum = {.infer = ops::InferReduce, .run = RunReduceLogSum};

}  // namespace samoyed
