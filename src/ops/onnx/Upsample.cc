// Upsample: Resize's forerunner, versions 1 to 9. https://onnx.ai/onnx/operators/onnx__Upsample.html
// Version 1 scales height and width by attributes, 7 has a list of scales as attribute, 9 as input 1.
#include "ops/common/args.h"
#include "ops/common/resize.h"
#include "ops/op.h"

namespace samoyed {
namespace {

// Nothing where they come from an input that is not there or not known yet.
std::optional<std::vector<float>> ScalesOf(const NodeContext& ctx, const Tensor* input) {
  const Attributes& attributes = ctx.attributes();
  if (ctx.since_version() == 1) return std::vector<float>{1, 1, attributes.Float("height_scale", 1), attributes.Float("width_scale", 1)};
  if (ctx.since_version() == 7) return std::vector<float>(attributes.Floats("scales").begin(), attributes.Floats("scales").end());
  if (input == nullptr || input->dtype() != DType::kFloat) return std::nullopt;
  return std::vector<float>(input->span<float>().begin(), input->span<float>().end());
}

Status RunUpsample(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  const auto scales = ScalesOf(ctx, ctx.input(1));
  if (!scales || static_cast<int>(scales->size()) != in->rank())
    return BadInput("Upsample needs a scale for each of ", in->rank(), " axes");
  ops::ResizeOptions options;
  const std::string_view mode = ctx.attributes().String("mode", "nearest");
  if (mode == "linear" || mode == "bilinear") options.mode = ops::ResizeMode::kLinear;
  if (mode != "linear" && mode != "bilinear" && mode != "nearest") return BadInput("Upsample: no mode '", mode, "'");
  std::vector<ops::ResizeAxis> axes;
  for (int i = 0; i < in->rank(); ++i) {
    const float scale = (*scales)[static_cast<size_t>(i)];
    SAMOYED_ASSIGN_OR_RETURN(const int64_t size, ops::ScaledSize(in->dim(i), scale));
    axes.push_back({.scale = scale, .size = size});
  }
  return ops::RunResize(ctx, *in, axes, options);
}

Status InferUpsample(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  if (!in->shape) return OkStatus();
  Dims dims = ops::UnknownDims(in->rank());
  if (const auto scales = ScalesOf(ctx, ctx.input_constant(1))) {
    if (scales->size() != dims.size()) return BadInput("Upsample: ", scales->size(), " scales for a tensor of rank ", dims.size());
    for (size_t i = 0; i < dims.size(); ++i) {
      const Dim& d = (*in->shape)[i];
      if ((*scales)[i] == 1) dims[i] = d;
      if (!d.known()) continue;
      SAMOYED_ASSIGN_OR_RETURN(const int64_t size, ops::ScaledSize(d.value, (*scales)[i]));
      dims[i] = Dim(size);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Upsample = {.infer = InferUpsample, .run = RunUpsample};

}  // namespace samoyed
