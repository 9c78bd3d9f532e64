// If: runs one of two graphs. https://onnx.ai/onnx/operators/onnx__If.html
#include "ops/common/control_flow.h"
#include "ops/op.h"

namespace samoyed {
namespace {

Status RunIf(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* cond, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const bool taken, ops::ReadBool(*cond, "If: cond"));
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef body, ops::RequireBody(ctx, taken ? "then_branch" : "else_branch"));
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> results, ctx.RunBody(body, {}));
  if (static_cast<int>(results.size()) != ctx.num_outputs()) {
    return BadInput("If: a branch has ", results.size(), " outputs, the node ", ctx.num_outputs());
  }
  for (int i = 0; i < ctx.num_outputs(); ++i) {
    if (ctx.wants_output(i)) ctx.set_output(i, std::move(results[static_cast<size_t>(i)]));
  }
  return OkStatus();
}

Status InferIf(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef then_body, ops::RequireBody(ctx, "then_branch"));
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef else_body, ops::RequireBody(ctx, "else_branch"));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Type> a, ctx.InferBody(then_body, {}));
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Type> b, ctx.InferBody(else_body, {}));
  if (a.size() != b.size()) return BadInput("If: the branches have ", a.size(), " and ", b.size(), " outputs");
  if (static_cast<int>(a.size()) != ctx.num_outputs()) return BadInput("If: the branches have ", a.size(), " outputs, the node ", ctx.num_outputs());
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].is_tensor() && b[i].is_tensor() && a[i].dtype != b[i].dtype) {
      return BadInput("If: output ", i, " is ", NameOf(a[i].dtype), " in one branch and ", NameOf(b[i].dtype), " in the other");
    }
    ctx.set_output_type(static_cast<int>(i), ops::MergeTypes(a[i], b[i]));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_If = {.infer = InferIf, .run = RunIf};

}  // namespace samoyed
