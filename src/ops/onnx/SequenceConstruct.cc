// SequenceConstruct: a sequence of the inputs. https://onnx.ai/onnx/operators/onnx__SequenceConstruct.html
#include "ops/common/args.h"
#include "ops/common/control_flow.h"
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSequenceConstruct(KernelContext& ctx) {
  std::vector<Value> items;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    SAMOYED_ASSIGN_OR_RETURN(const Tensor* item, RequireInput(ctx, i));
    items.emplace_back(*item);
    SAMOYED_RETURN_IF_ERROR(ops::CheckSameDType(ctx, items[0].tensor(), *item));
  }
  ops::SetSequence(ctx, std::move(items));
  return OkStatus();
}

Status InferSequenceConstruct(InferContext& ctx) {
  Type element;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    const Type* type = ctx.tensor_type(i);
    if (type == nullptr) return OkStatus();
    element = i == 0 ? *type : ops::MergeTypes(element, *type);
  }
  if (element.known()) ctx.set_output_type(0, Type::SequenceOf(std::move(element)));
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SequenceConstruct = {.infer = InferSequenceConstruct, .run = RunSequenceConstruct};

}  // namespace samoyed
