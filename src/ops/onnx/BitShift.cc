// BitShift: integers shifted left or right; bits that leave are lost. A shift by less than 0, or by the width or more, leaves what the
// sign alone fills in: 0, or -1 for a negative number shifted right.
// https://onnx.ai/onnx/operators/onnx__BitShift.html
#include "ops/common/elementwise.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// Elements are 64 bits wide here; what is shifted out above a narrower type is cut off when it is stored.
uint64_t Left(uint64_t x, uint64_t by) { return by < 64 ? x << by : 0; }
uint64_t Right(uint64_t x, uint64_t by) { return by < 64 ? x >> by : 0; }

int64_t LeftSigned(int64_t x, int64_t by) {
  return by >= 0 ? static_cast<int64_t>(Left(static_cast<uint64_t>(x), static_cast<uint64_t>(by))) : 0;
}
int64_t RightSigned(int64_t x, int64_t by) { return by >= 0 && by < 64 ? x >> by : x < 0 ? -1 : 0; }

Status RunBitShift(KernelContext& ctx) {
  const std::string_view direction = ctx.attributes().String("direction");
  if (direction != "LEFT" && direction != "RIGHT") return BadInput("BitShift: direction must be LEFT or RIGHT, not \"", direction, "\"");
  const bool left = direction == "LEFT";
  return ops::RunBinary(ctx, {.on_signed = left ? LeftSigned : RightSigned, .on_unsigned = left ? Left : Right});
}

}  // namespace

extern const OpDef kOp_onnx_BitShift = {.infer = ops::InferBroadcast, .run = RunBitShift, .facts = {.elementwise = true}};

}  // namespace samoyed
