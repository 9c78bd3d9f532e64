// Dropout: in training, elements are zeroed with probability `ratio` and the others scaled by 1 / (1 - ratio); otherwise the input
// itself. The optional mask says what was kept. https://onnx.ai/onnx/operators/onnx__Dropout.html
// Training is asked for by input 2 since version 12, by is_test = 0 (the default) in versions 1 and 6; 7 and 10 cannot ask for it.
#include "ops/common/infer.h"
#include "ops/common/random.h"
#include "ops/op.h"
#include "tensor/convert.h"

namespace samoyed {
namespace {

DType MaskType(const NodeContext& ctx, DType data) { return ctx.since_version() < 10 ? data : DType::kBool; }

Status InferDropout(InferContext& ctx) {
  SAMOYED_RETURN_IF_ERROR(ops::InferSameAsInput(ctx));
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr || ctx.num_outputs() < 2) return OkStatus();
  Type mask = *in;
  mask.dtype = MaskType(ctx, in->dtype);
  ctx.set_output_type(1, std::move(mask));
  return OkStatus();
}

Status RunDropout(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  if (!IsFloat(in->dtype())) return BadInput("Dropout of ", NameOf(in->dtype()));
  const Tensor* mode = ctx.input(2);
  const bool asked = mode != nullptr && mode->dtype() == DType::kBool && mode->size() == 1 && At<int64_t>(*mode) != 0;
  const bool training = ctx.since_version() < 7 ? ctx.attributes().Int("is_test", 0) == 0 : asked;
  double ratio = ctx.attributes().Float("ratio", 0.5f);
  if (const Tensor* given = ctx.input(1)) {
    if (!IsFloat(given->dtype()) || given->size() != 1)
      return BadInput("Dropout: ratio must be one float, got ", NameOf(given->dtype()), given->shape().ToString());
    ratio = At<double>(*given);
  }
  if (training && !(ratio >= 0 && ratio < 1)) return BadInput("Dropout: a ratio of ", ratio, " is not in [0, 1)");
  std::vector<double> values = LoadAll<double>(*in);
  std::vector<double> mask(values.size(), 1.0);
  if (training && ratio > 0) {
    const ops::Random random =
        ctx.attributes().Has("seed") ? ops::Random(static_cast<uint64_t>(ctx.attributes().Int("seed"))) : ops::Random(ctx.NextSeed());
    for (size_t i = 0; i < values.size(); ++i) {
      mask[i] = random.Uniform(i) < ratio ? 0 : 1;
      values[i] = mask[i] == 0 ? 0 : values[i] / (1 - ratio);
    }
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), in->shape());
  StoreAll(*out, values);
  if (!ctx.wants_output(1)) return OkStatus();
  SAMOYED_ALLOCATE_OUTPUT(kept, ctx, 1, MaskType(ctx, in->dtype()), in->shape());
  StoreAll(*kept, mask);
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Dropout = {.infer = InferDropout, .run = RunDropout};

}  // namespace samoyed
