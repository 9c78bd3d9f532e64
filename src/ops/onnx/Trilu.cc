// Trilu: the upper or lower triangle of matrices, zeros elsewhere. https://onnx.ai/onnx/operators/onnx__Trilu.html
#include <algorithm>

#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunTrilu(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (in->rank() < 2) return BadInput("Trilu needs matrices, not shape ", in->shape().ToString());
  const bool upper = ctx.attributes().Int("upper", 1) != 0;
  int64_t k = 0;
  if (const Tensor* given = ctx.input(1)) {
    SAMOYED_ASSIGN_OR_RETURN(k, ops::ReadInt(*given, "Trilu: k"));
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), in->shape());
  if (out->size() == 0) return OkStatus();
  const int64_t rows = in->dim(in->rank() - 2), columns = in->dim(in->rank() - 1);
  k = std::clamp(k, -rows, columns);
  for (int64_t line = 0; line < in->size() / columns; ++line) {
    const int64_t begin = line * columns;
    // The diagonal's column in this row belongs to both triangles.
    const int64_t diagonal = line % rows + k;
    const int64_t cut = std::clamp<int64_t>(upper ? diagonal : diagonal + 1, 0, columns);
    ops::ZeroElements(*out, upper ? begin : begin + cut, upper ? cut : columns - cut);
    ops::CopyElements(*in, upper ? begin + cut : begin, *out, upper ? begin + cut : begin, upper ? columns - cut : cut);
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Trilu = {.infer = ops::InferSameAsInput, .run = RunTrilu};

}  // namespace samoyed
