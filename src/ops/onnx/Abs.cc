// Abs: |x|; the smallest integer stays what it is, as in two's complement. https://onnx.ai/onnx/operators/onnx__Abs.html
#include <cmath>

#include "base/checked.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAbs(KernelContext& ctx) {
  return ops::RunUnary(ctx, {.on_float = [](double x, const Attributes&) { return std::fabs(x); },
                              .on_signed = [](int64_t x, const Attributes&) { return x < 0 ? WrapSub<int64_t>(0, x) : x; },
                              .on_unsigned = [](uint64_t x, const Attributes&) { return x; }});
}

}  // namespace

extern const OpDef kOp_onnx_Abs = {
    .infer = ops::InferSameAsInput,
    .run = RunAbs,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
