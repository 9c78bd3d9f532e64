// Add: x + y, with broadcasting; integers wrap around. https://onnx.ai/onnx/operators/onnx__Add.html
#include "base/checked.h"
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunAdd(KernelContext& ctx) {
  return ops::RunBinary(ctx, {.on_float = [](double x, double y) { return x + y; },
                              .on_signed = [](int64_t x, int64_t y) { return WrapAdd(x, y); },
                              .on_unsigned = [](uint64_t x, uint64_t y) { return x + y; }});
}

}  // namespace

extern const OpDef kOp_onnx_Add = {
    .infer = ops::InferBinary,
    .run = RunAdd,
    .facts = {.elementwise = true, .commutative = true, .in_place = true},
};

}  // namespace samoyed
