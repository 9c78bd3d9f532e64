// Max: the largest of all inputs, with broadcasting; NaN wins. https://onnx.ai/onnx/operators/onnx__Max.html
#include <algorithm>
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunMax(KernelContext& ctx) {
  return ops::RunVariadic(ctx, {.on_float = [](double x, double y) { return std::isnan(x) ? x : std::isnan(y) || y > x ? y : x; },
                                .on_signed = [](int64_t x, int64_t y) { return std::max(x, y); },
                                .on_unsigned = [](uint64_t x, uint64_t y) { return std::max(x, y); }});
}

}  // namespace

extern const OpDef kOp_onnx_Max = {
    .infer = ops::InferBroadcast,
    .run = RunMax,
    .facts = {.elementwise = true, .commutative = true, .in_place = true},
};

}  // namespace samoyed
