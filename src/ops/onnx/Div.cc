// Div: x / y, with broadcasting; integers truncate toward zero, and anything / 0 is 0. https://onnx.ai/onnx/operators/onnx__Div.html
#include "base/checked.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunDiv(KernelContext& ctx) {
  return ops::RunBinary(ctx, {.on_float = [](double x, double y) { return x / y; },
                              .on_signed = [](int64_t x, int64_t y) { return y == 0 ? 0 : y == -1 ? WrapSub<int64_t>(0, x) : x / y; },
                              .on_unsigned = [](uint64_t x, uint64_t y) { return y == 0 ? 0 : x / y; }});
}

}  // namespace

extern const OpDef kOp_onnx_Div = {
    .infer = ops::InferBinary,
    .run = RunDiv,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
