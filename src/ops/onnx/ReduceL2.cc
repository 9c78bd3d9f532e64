// ReduceL2: the square root of the sum of squares over axes. https://onnx.ai/onnx/operators/onnx__ReduceL2.html
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/reduce.h"

namespace samoyed {
namespace {

Status RunReduceL2(KernelContext& ctx) {
  const ops::Reduction<double> floats = {0, [](double s, double x) { return s + x * x; }, [](double s, int64_t) { return std::sqrt(s); }};

  return ops::RunReduce(ctx, floats);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceL2 = {.infer = ops::InferReduce, .run = RunReduceL2};

}  // namespace samoyed
