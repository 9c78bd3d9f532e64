#include "ops/common/infer.h"

namespace samoyed::ops {
namespace {

// One dimension of a broadcast. An unknown against 1 stays what it is; against a number above 1 it must be
// that number (or 1).
Result<Dim> BroadcastDim(const Dim& a, const Dim& b) {
  if (a.known() && a.value == 1) return b;
  if (b.known() && b.value == 1) return a;
  if (a.SameAs(b)) return a;
  if (a.known() && b.known()) return BadInput("dimensions ", a.value, " and ", b.value, " do not broadcast");
  if (a.known()) return a;
  if (b.known()) return b;
  return Dim();
}

}  // namespace

Status InferSameAsInput(InferContext& ctx) {
  if (const Type* t = ctx.input_type(0)) ctx.set_output_type(0, *t);
  return OkStatus();
}

Result<Dims> BroadcastDims(const Dims& a, const Dims& b) {
  Dims out = a.size() >= b.size() ? a : b;
  const Dims& shorter = a.size() >= b.size() ? b : a;
  const size_t offset = out.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(out[offset + i], BroadcastDim(out[offset + i], shorter[i]));
  }
  return out;
}

Status InferBroadcastAs(InferContext& ctx, DType dtype) {
  Dims dims;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    const Dims* shape = ctx.input_shape(i);
    if (shape == nullptr) {
      ctx.set_output_type(0, Type::TensorOf(dtype));
      return OkStatus();
    }
    SAMOYED_ASSIGN_OR_RETURN(dims, BroadcastDims(dims, *shape));
  }
  ctx.set_output_type(0, Type::TensorOf(dtype, std::move(dims)));
  return OkStatus();
}

Status InferBroadcast(InferContext& ctx) { return InferBroadcastAs(ctx, ctx.input_dtype(0)); }

namespace {

Status InferBinaryAs(InferContext& ctx, DType dtype) {
  if (ctx.since_version() >= 7) return InferBroadcastAs(ctx, dtype);
  const Dims* a = ctx.input_shape(0);
  ctx.set_output_type(0, a == nullptr ? Type::TensorOf(dtype) : Type::TensorOf(dtype, *a));
  return OkStatus();
}

}  // namespace

Status InferBinary(InferContext& ctx) { return InferBinaryAs(ctx, ctx.input_dtype(0)); }
Status InferCompare(InferContext& ctx) { return InferBinaryAs(ctx, DType::kBool); }

Status InferTest(InferContext& ctx) {
  const Dims* a = ctx.input_shape(0);
  ctx.set_output_type(0, a == nullptr ? Type::TensorOf(DType::kBool) : Type::TensorOf(DType::kBool, *a));
  return OkStatus();
}

Result<Dim> MergeDim(const Dim& a, const Dim& b) {
  if (a.known() && b.known() && a.value != b.value) return BadInput("dimension ", a.value, " contradicts ", b.value);
  if (a.known()) return a;
  if (b.known()) return b;
  return a.symbolic() ? a : b;
}

}  // namespace samoyed::ops
