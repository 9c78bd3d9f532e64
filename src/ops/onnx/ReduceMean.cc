// ReduceMean: the mean over axes. https://onnx.ai/onnx/operators/onnx__ReduceMean.html
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/reduce.h"

namespace samoyed {
namespace {

Status RunReduceMean(KernelContext& ctx) {
  const ops::Reduction<double> floats = {0, [](double s, double x) { return s + x; }, [](double s, int64_t n) { return s / static_cast<double>(n); }};
  const ops::Reduction<int64_t> integers = {0, [](int64_t s, int64_t x) { return WrapAdd(s, x); }, [](int64_t s, int64_t n) { return n == 0 ? 0 : s / n; }};
  return ops::RunReduce(ctx, floats, &integers);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceMean = {.infer = ops::InferReduce, .run = RunReduceMean};

}  // namespace samoyed
