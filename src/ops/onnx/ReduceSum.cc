// ReduceSum: the sum over axes. https://onnx.ai/onnx/operators/onnx__ReduceSum.html
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/reduce.h"

namespace samoyed {
namespace {

Status RunReduceSum(KernelContext& ctx) {
  const ops::Reduction<double> floats = {0, [](double s, double x) { return s + x; }};
  const ops::Reduction<int64_t> integers = {0, [](int64_t s, int64_t x) { return WrapAdd(s, x); }};
  return ops::RunReduce(ctx, floats, &integers);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceSum = {.infer = ops::InferReduce, .run = RunReduceSum};

}  // namespace samoyed
