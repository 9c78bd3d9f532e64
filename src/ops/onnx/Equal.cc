// Equal: whether x == y, with broadcasting. https://onnx.ai/onnx/operators/onnx__Equal.html
#include <string>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunEqual(KernelContext& ctx) {
  return ops::RunCompare(ctx, {.on_float = [](double x, double y) { return x == y; },
                               .on_signed = [](int64_t x, int64_t y) { return x == y; },
                               .on_unsigned = [](uint64_t x, uint64_t y) { return x == y; },
                               .on_bool = [](bool x, bool y) { return x == y; },
                               .on_string = [](const std::string& x, const std::string& y) { return x == y; }});
}

}  // namespace

extern const OpDef kOp_onnx_Equal = {
    .infer = ops::InferCompare,
    .run = RunEqual,
    .facts = {.elementwise = true, .commutative = true},
};

}  // namespace samoyed
