// Binarizer: 1 where x > threshold, else 0. https://onnx.ai/onnx/operators/onnx_aionnxml_Binarizer.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

double Threshold(const Attributes& a) { return static_cast<double>(a.Float("threshold")); }

Status RunBinarizer(KernelContext& ctx) {
  return ops::RunUnary(ctx, {.on_float = [](double x, const Attributes& a) { return x > Threshold(a) ? 1.0 : 0.0; },
                             .on_signed = [](int64_t x, const Attributes& a) -> int64_t { return static_cast<double>(x) > Threshold(a); }});
}

}  // namespace

extern const OpDef kOp_ml_Binarizer = {
    .infer = ops::InferSameAsInput, .run = RunBinarizer, .facts = {.elementwise = true, .in_place = true}};

}  // namespace samoyed
