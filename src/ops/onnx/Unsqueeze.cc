// Unsqueeze: puts in axes of size 1; `axes` are places in the output's shape.
// https://onnx.ai/onnx/operators/onnx__Unsqueeze.html  `axes` is an attribute before version 13, input 1 since.
#include "ops/common/args.h"
#include "ops/op.h"

namespace samoyed {
namespace {

constexpr size_t kMaxNewAxes = 1024;  // a shape with more is an attack, not a model

// Where the output has new axes, one flag an axis.
Result<std::vector<bool>> NewAxes(const ops::Ints& given, int rank) {
  if (given.size() > kMaxNewAxes) return LimitExceeded("Unsqueeze by ", given.size(), " axes");
  const int out_rank = rank + static_cast<int>(given.size());
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<int> axes, ops::NormalizeAxes(given, out_rank));
  std::vector<bool> is_new(static_cast<size_t>(out_rank), false);
  for (int axis : axes) is_new[static_cast<size_t>(axis)] = true;
  return is_new;
}

Status RunUnsqueeze(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const ops::Ints given, ops::RequireInts(ctx, "axes", 1));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<bool> is_new, NewAxes(given, in->rank()));
  Shape shape;
  int from = 0;
  for (const bool n : is_new) shape.push_back(n ? 1 : in->dim(from++));
  ctx.set_output(0, in->Reshaped(std::move(shape)));
  return OkStatus();
}

Status InferUnsqueeze(InferContext& ctx) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  const ops::KnownInts given = ops::InferInts(ctx, "axes", 1);
  if (!in->shape || !given.values) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<bool> is_new, NewAxes(*given.values, in->rank()));
  Dims dims;
  size_t from = 0;
  for (const bool n : is_new) dims.push_back(n ? Dim(1) : (*in->shape)[from++]);
  if (dims.size() <= 1) ops::PropagateContent(ctx);
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Unsqueeze = {.infer = InferUnsqueeze, .run = RunUnsqueeze, .facts = {.view = true}};

}  // namespace samoyed
