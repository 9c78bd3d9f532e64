// Compress: the slices along an axis (or the elements of all) whose condition is true.
// https://onnx.ai/onnx/operators/onnx__Compress.html
#include <algorithm>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

Status RunCompress(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* condition, RequireInput(ctx, 1));
  if (condition->dtype() != DType::kBool || condition->rank() != 1) {
    return BadInput("Compress: condition must be a list of bools, not ", NameOf(condition->dtype()), condition->shape().ToString());
  }
  const bool flat = !ctx.attributes().Has("axis");
  Shape shape = flat ? Shape({in->size()}) : in->shape();
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(flat ? 0 : ctx.attributes().Int("axis"), shape.rank()));
  const int64_t outer = shape.Product(0, axis), inner = shape.Product(axis + 1, shape.rank()), size = shape[axis];
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < std::min(size, condition->size()); ++i) {
    if (At<uint64_t>(*condition, i) != 0) kept.push_back(i);
  }
  shape[axis] = static_cast<int64_t>(kept.size());
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), shape);
  int64_t at = 0;
  for (int64_t o = 0; o < outer && out->size() > 0; ++o) {
    for (int64_t place : kept) {
      ops::CopyElements(*in, (o * size + place) * inner, *out, at, inner);
      at += inner;
    }
  }
  return OkStatus();
}

Status InferCompress(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  Type out = *in;
  if (!ctx.attributes().Has("axis")) {
    out.shape = ops::UnknownDims(1);
  } else if (in->shape) {
    SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis"), in->rank()));
    (*out.shape)[static_cast<size_t>(axis)] = Dim();
  }
  ctx.set_output_type(0, std::move(out));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Compress = {.infer = InferCompress, .run = RunCompress};

}  // namespace samoyed
