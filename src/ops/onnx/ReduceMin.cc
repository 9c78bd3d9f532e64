// ReduceMin: the smallest element over axes. https://onnx.ai/onnx/operators/onnx__ReduceMin.html
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "ops/common/reduce.h"

namespace samoyed {
namespace {

Status RunReduceMin(KernelContext& ctx) {
  const ops::Reduction<double> floats = {std::numeric_limits<double>::infinity(),
                                         [](double s, double x) { return x < s || std::isnan(x) ? x : s; }};
  const ops::Reduction<int64_t> integers = {std::numeric_limits<int64_t>::max(), [](int64_t s, int64_t x) { return x < s ? x : s; }};
  const ops::Reduction<uint64_t> unsigneds = {std::numeric_limits<uint64_t>::max(), [](uint64_t s, uint64_t x) { return x < s ? x : s; }};
  return ops::RunReduce(ctx, floats, &integers, &unsigneds);
}

}  // namespace

extern const OpDef kOp_onnx_ReduceMin = {.infer = ops::InferReduce, .run = RunReduceMin};

}  // namespace samoyed
