// Less: whether x < y, with broadcasting. https://onnx.ai/onnx/operators/onnx__Less.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunLess(KernelContext& ctx) {
  return ops::RunCompare(ctx, {.on_float = [](double x, double y) { return x < y; },
                               .on_signed = [](int64_t x, int64_t y) { return x < y; },
                               .on_unsigned = [](uint64_t x, uint64_t y) { return x < y; }});
}

}  // namespace

extern const OpDef kOp_onnx_Less = {
    .infer = ops::InferCompare,
    .run = RunLess,
    .facts = {.elementwise = true},
};

}  // namespace samoyed
