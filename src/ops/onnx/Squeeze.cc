// Squeeze: drops axes of size 1. https://onnx.ai/onnx/operators/onnx__Squeeze.html
// `axes` is an attribute before version 13, input 1 since; without it all axes of size 1 go.
#include <algorithm>

#include "ops/common/args.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSqueeze(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const std::optional<ops::Ints> given, ops::IntsArgument(ctx, "axes", 1));
  std::vector<int> axes;
  if (given) {
    SAMOYED_ASSIGN_OR_RETURN(axes, ops::NormalizeAxes(*given, in->rank()));
  }
  Shape shape;
  for (int i = 0; i < in->rank(); ++i) {
    const bool dropped = given ? std::find(axes.begin(), axes.end(), i) != axes.end() : in->dim(i) == 1;
    if (dropped && in->dim(i) != 1) return BadInput("Squeeze: axis ", i, " of shape ", in->shape().ToString(), " is not of size 1");
    if (!dropped) shape.push_back(in->dim(i));
  }
  ctx.set_output(0, in->Reshaped(std::move(shape)));
  return OkStatus();
}

Status InferSqueeze(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  const ops::KnownInts given = ops::InferInts(ctx, "axes", 1);
  if (!in->shape || (given.present && !given.values)) return OkStatus();
  std::vector<int> axes;
  if (given.present) {
    SAMOYED_ASSIGN_OR_RETURN(axes, ops::NormalizeAxes(*given.values, in->rank()));
  }
  Dims dims;
  for (int i = 0; i < in->rank(); ++i) {
    const Dim& d = (*in->shape)[static_cast<size_t>(i)];
    if (!given.present && !d.known()) return OkStatus();  // may be 1 or not: the rank is open
    const bool dropped = given.present ? std::find(axes.begin(), axes.end(), i) != axes.end() : d.value == 1;
    if (dropped && d.known() && d.value != 1) return BadInput("Squeeze: axis ", i, " has size ", d.value, ", not 1");
    if (!dropped) dims.push_back(d);
  }
  ops::PropagateContent(ctx);
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Squeeze = {.infer = InferSqueeze, .run = RunSqueeze, .facts = {.view = true}};

}  // namespace samoyed
