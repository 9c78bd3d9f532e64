// ReduceSumSquare: the sum of squares over axes. https://onnx.ai/onnx/operators/onnx__ReduceSumSquare.html
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/reduce.h"

namespace samoyed {
namespace {

Status RunReduceSumSquare(KernelContext& ctx) {
  const ops::Reduction<double> floats = {0, [](double s, double x) { return s + x * x; }};
  const ops::Reduction<int64_t> integers = {0, [](int64_t s, int64_t x) { return WrapAdd(s, WrapMul(x, x)); }};
  return ops::RunReduce(ctx, floats, &integers);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceSumSquare = {.infer = ops::InferReduce, .run = RunReduceSumSquare};

}  // namespace samoyed
