// Erf: the error function; integers are truncated. https://onnx.ai/onnx/operators/onnx__Erf.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunErf(KernelContext& ctx) {
  return ops::RunUnary(ctx, {.on_float = [](double x, const Attributes&) { return std::erf(x); },
                              .on_signed = [](int64_t x, const Attributes&) { return static_cast<int64_t>(std::erf(static_cast<double>(x))); },
                              .on_unsigned = [](uint64_t x, const Attributes&) { return static_cast<uint64_t>(std::erf(static_cast<double>(x))); }});
}

}  // namespace

extern const OpDef kOp_onnx_Erf = {
    .infer = ops::InferSameAsInput,
    .run = RunErf,
    .facts = {.elementwise = true, .in_place = true},
};

}  // namespace samoyed
