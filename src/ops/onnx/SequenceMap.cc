// SequenceMap: runs a graph for each element of the sequences; tensors among the inputs go to each run as they are.
// https://onnx.ai/onnx/operators/onnx__SequenceMap.html
#include "ops/common/control_flow.h"
#include "ops/common/sequence.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunSequenceMap(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef body, ops::RequireBody(ctx, "body"));
  SAMOYED_ASSIGN_OR_RETURN(const Sequence* first, ops::RequireSequence(ctx, 0));
  for (int i = 1; i < ctx.num_inputs(); ++i) {
    const Value* value = ctx.input_value(i);
    if (value == nullptr) return BadInput("SequenceMap: input ", i, " is absent");
    if (value->is_sequence() && value->sequence().items.size() != first->items.size()) {
      return BadInput("SequenceMap: sequences of ", first->items.size(), " and ", value->sequence().items.size(), " elements");
    }
  }
  std::vector<std::shared_ptr<Sequence>> outputs;
  for (int i = 0; i < ctx.num_outputs(); ++i) outputs.push_back(std::make_shared<Sequence>());
  for (size_t k = 0; k < first->items.size(); ++k) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    std::vector<Value> arguments;
    for (int i = 0; i < ctx.num_inputs(); ++i) {
      const Value& value = *ctx.input_value(i);
      arguments.push_back(value.is_sequence() ? value.sequence().items[k] : value);
    }
    SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> results, ctx.RunBody(body, arguments));
    if (results.size() < outputs.size())
      return BadInput("SequenceMap: the body has ", results.size(), " outputs instead of ", outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) outputs[i]->items.push_back(std::move(results[i]));
  }
  for (int i = 0; i < ctx.num_outputs(); ++i) ctx.set_output(i, Value(std::shared_ptr<const Sequence>(outputs[static_cast<size_t>(i)])));
  return OkStatus();
}

Status InferSequenceMap(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef body, ops::RequireBody(ctx, "body"));
  std::vector<Type> arguments;
  for (int i = 0; i < ctx.num_inputs(); ++i) {
    const Type* type = ctx.input_type(i);
    arguments.push_back(type == nullptr ? Type() : type->kind == TypeKind::kSequence ? *type->element : *type);
  }
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> results, ctx.InferBody(body, arguments));
  for (int i = 0; i < ctx.num_outputs() && i < static_cast<int>(results.size()); ++i) {
    ctx.set_output_type(i, Type::SequenceOf(std::move(results[static_cast<size_t>(i)])));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_SequenceMap = {.infer = InferSequenceMap, .run = RunSequenceMap};

}  // namespace samoyed
