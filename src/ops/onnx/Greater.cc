// Greater: whether x > y, with broadcasting. https://onnx.ai/onnx/operators/onnx__Greater.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunGreater(KernelContext& ctx) {
  return ops::RunCompare(ctx, {.on_float = [](double x, double y) { return x > y; },
                               .on_signed = [](int64_t x, int64_t y) { return x > y; },
                               .on_unsigned = [](uint64_t x, uint64_t y) { return x > y; }});
}

}  // namespace

extern const OpDef kOp_onnx_Greater = {
    .infer = ops::InferCompare,
    .run = RunGreater,
    .facts = {.elementwise = true},
};

}  // namespace samoyed
