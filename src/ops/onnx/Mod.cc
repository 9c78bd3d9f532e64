// Mod: the remainder; with the divisor's sign, or with fmod = 1 the dividend's. Division by an integer 0 gives 0.
// https://onnx.ai/onnx/operators/onnx__Mod.html
#include <cmath>

#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

int64_t Truncated(int64_t x, int64_t y) { return y == 0 || y == -1 ? 0 : x % y; }

int64_t Floored(int64_t x, int64_t y) {
  const int64_t r = Truncated(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

Status RunMod(KernelContext& ctx) {
  const auto unsigned_mod = [](uint64_t x, uint64_t y) { return y == 0 ? 0 : x % y; };
  if (ctx.attributes().Int("fmod") != 0) {
    return ops::RunBinary(ctx, {.on_float = [](double x, double y) { return std::fmod(x, y); }, .on_signed = Truncated, .on_unsigned = unsigned_mod});
  }
  return ops::RunBinary(ctx, {.on_float = [](double x, double y) {
                                const double r = std::fmod(x, y);
                                if (r == 0) return std::copysign(0.0, y);
                                return (r < 0) != (y < 0) ? r + y : r;
                              },
                              .on_signed = Floored,
                              .on_unsigned = unsigned_mod});
}

}  // namespace

extern const OpDef kOp_onnx_Mod = {.infer = ops::InferBinary, .run = RunMod, .facts = {.elementwise = true}};

}  // namespace samoyed
