// ReduceLogSumExp: log(sum of e^x) over axes, from the largest element on so that nothing overflows.
// https://onnx.ai/onnx/operators/onnx__ReduceLogSumExp.html
#include <cmath>
#include <limits>

#include "ops/common/reduce.h"

namespace samoyed {
namespace {

// log(e^a + e^b), for states and elements alike.
double LogAdd(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
  const double larger = a > b ? a : b, smaller = a > b ? b : a;
  if (std::isinf(larger)) return larger;  // both -infinity, or one +infinity
  return larger + std::log1p(std::exp(smaller - larger));
}

Status RunReduceLogSumExp(KernelContext& ctx) {
  const ops::Reduction<double> floats = {-std::numeric_limits<double>::infinity(), LogAdd};
  return ops::RunReduce(ctx, floats);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceLogSumExp = {.infer = ops::InferReduce, .run = RunReduceLogSumExp};

}  // namespace samoyed
