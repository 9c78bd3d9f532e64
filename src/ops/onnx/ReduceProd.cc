// ReduceProd: the product over axes. https://onnx.ai/onnx/operators/onnx__ReduceProd.html
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/reduce.h"

namespace samoyed {
namespace {

Status RunReduceProd(KernelContext& ctx) {
  const ops::Reduction<double> floats = {1, [](double s, double x) { return s * x; }};
  const ops::Reduction<int64_t> integers = {1, [](int64_t s, int64_t x) { return WrapMul(s, x); }};
  return ops::RunReduce(ctx, floats, &integers);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceProd = {.infer = ops::InferReduce, .run = RunReduceProd};

}  // namespace samoyed
