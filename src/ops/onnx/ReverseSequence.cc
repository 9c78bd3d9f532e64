// ReverseSequence: the first sequence_lens[b] steps of batch entry b in reverse order.
// https://onnx.ai/onnx/operators/onnx__ReverseSequence.html
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"
#include "ops/common/infer.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunReverseSequence(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* lens, RequireInput(ctx, 1));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints lengths, ops::ReadInts(*lens, "ReverseSequence: sequence_lens"));
  const int64_t time = ctx.attributes().Int("time_axis", 0), batch = ctx.attributes().Int("batch_axis", 1);
  if (in->rank() < 2 || !((time == 0 && batch == 1) || (time == 1 && batch == 0))) {
    return BadInput("ReverseSequence: time_axis ", time, " and batch_axis ", batch, " of shape ", in->shape().ToString());
  }
  const int64_t steps = in->dim(static_cast<int>(time)), entries = in->dim(static_cast<int>(batch));
  if (static_cast<int64_t>(lengths.size()) != entries)
    return BadInput("ReverseSequence: ", lengths.size(), " lengths for ", entries, " entries");
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), in->shape());
  const int64_t inner = in->shape().Product(2, in->rank());
  const int64_t step = time == 0 ? entries * inner : inner, entry = time == 0 ? inner : steps * inner;
  for (int64_t b = 0; b < entries; ++b) {
    const int64_t length = lengths[static_cast<size_t>(b)];
    if (length < 0 || length > steps) return BadInput("ReverseSequence: a length of ", length, " in ", steps, " steps");
    for (int64_t t = 0; t < steps && out->size() > 0; ++t) {
      ops::CopyElements(*in, b * entry + (t < length ? length - 1 - t : t) * step, *out, b * entry + t * step, inner);
    }
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_ReverseSequence = {.infer = ops::InferSameAsInput, .run = RunReverseSequence};

}  // namespace samoyed
