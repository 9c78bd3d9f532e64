// ReduceL1: the sum of magnitudes over axes. https://onnx.ai/onnx/operators/onnx__ReduceL1.html
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/reduce.h"

namespace samoyed {
namespace {

Status RunReduceL1(KernelContext& ctx) {
  const ops::Reduction<double> floats = {0, [](double s, double x) { return s + std::fabs(x); }};
  const ops::Reduction<int64_t> integers = {0, [](int64_t s, int64_t x) { return WrapAdd(s, x < 0 ? WrapSub<int64_t>(0, x) : x); }};
  return ops::RunReduce(ctx, floats, &integers);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceL1 = {.infer = ops::InferReduce, .run = RunReduceL1};

}  // namespace samoyed
