// Loop: runs a graph again and again, by a trip count, a condition, both or neither.
// https://onnx.ai/onnx/operators/onnx__Loop.html
// Body: (iteration, condition, carried...) -> (condition, carried..., scan elements...).
#include <limits>

#include "ops/common/args.h"
#include "ops/common/control_flow.h"
#include "ops/op.h"

namespace samoyed {
namespace {

struct LoopBounds {
  int64_t trips = std::numeric_limits<int64_t>::max();
  bool condition = true;
  bool has_condition = false;  // without the input the body's condition is ignored
};

Result<LoopBounds> BoundsOf(const KernelContext& ctx) {
  LoopBounds bounds;
  if (const Tensor* trips = ctx.input(0)) {
    SAMOYED_ASSIGN_OR_RETURN(bounds.trips, ops::ReadInt(*trips, "Loop: M"));
  }
  if (const Tensor* condition = ctx.input(1)) {
    bounds.has_condition = true;
    SAMOYED_ASSIGN_OR_RETURN(bounds.condition, ops::ReadBool(*condition, "Loop: cond"));
  }
  return bounds;
}

// One iteration: runs the body, takes over the carried values and collects the scan elements.
Status Iterate(KernelContext& ctx, const BodyRef& body, std::vector<Value>& arguments, std::vector<ops::ScanOutput>& scans,
               LoopBounds& bounds) {
  SAMOYED_ASSIGN_OR_RETURN(std::vector<Value> results, ctx.RunBody(body, arguments));
  const size_t carried = arguments.size() - 2;
  if (results.size() != 1 + carried + scans.size()) {
    return BadInput("Loop: the body has ", results.size(), " outputs instead of ", 1 + carried + scans.size());
  }
  if (bounds.has_condition) {
    if (!results[0].is_tensor()) return BadInput("Loop: the body's condition is no tensor");
    SAMOYED_ASSIGN_OR_RETURN(bounds.condition, ops::ReadBool(results[0].tensor(), "Loop: the body's condition"));
    arguments[1] = std::move(results[0]);
  }
  for (size_t i = 0; i < carried; ++i) arguments[2 + i] = std::move(results[1 + i]);
  for (size_t i = 0; i < scans.size(); ++i) SAMOYED_RETURN_IF_ERROR(scans[i].Add(results[1 + carried + i]));
  return OkStatus();
}

Status RunLoop(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef body, ops::RequireBody(ctx, "body"));
  SAMOYED_ASSIGN_OR_RETURN(LoopBounds bounds, BoundsOf(ctx));
  std::vector<Value> arguments = {Tensor::Scalar<int64_t>(0), Tensor::Scalar<bool>(bounds.condition)};
  for (int i = 2; i < ctx.num_inputs(); ++i) {
    const Value* initial = ctx.input_value(i);
    if (initial == nullptr) return BadInput("Loop: carried value ", i - 2, " has no initial value");
    arguments.push_back(*initial);
  }
  const int carried = static_cast<int>(arguments.size()) - 2;
  if (ctx.num_outputs() < carried) return BadInput("Loop: ", ctx.num_outputs(), " outputs for ", carried, " carried values");
  std::vector<ops::ScanOutput> scans(static_cast<size_t>(ctx.num_outputs() - carried));
  for (int64_t i = 0; i < bounds.trips && bounds.condition; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    arguments[0] = Tensor::Scalar<int64_t>(i);
    SAMOYED_RETURN_IF_ERROR(Iterate(ctx, body, arguments, scans, bounds));
  }
  for (int i = 0; i < carried; ++i) {
    if (ctx.wants_output(i)) ctx.set_output(i, std::move(arguments[static_cast<size_t>(2 + i)]));
  }
  for (int i = carried; i < ctx.num_outputs(); ++i) {
    if (!ctx.wants_output(i)) continue;
    SAMOYED_ASSIGN_OR_RETURN(Tensor stacked, scans[static_cast<size_t>(i - carried)].Stack(0, false, ctx.output_type(i)));
    ctx.set_output(i, std::move(stacked));
  }
  return OkStatus();
}

Type WithoutShape(Type type) {
  type.shape.reset();
  return type;
}

// What holds of the carried values in every iteration: starts from the initial types and gives up what the body changes.
Result<std::vector<Type>> SettledBody(InferContext& ctx, const BodyRef& body, std::vector<Type> arguments) {
  constexpr int kTries = 3;
  for (int attempt = 0;; ++attempt) {
    SAMOYED_ASSIGN_OR_RETURN(std::vector<Type> results, ctx.InferBody(body, arguments));
    if (results.size() + 1 < arguments.size())
      return BadInput("Loop: the body has ", results.size(), " outputs for ", arguments.size() - 2, " carried values");
    bool settled = true;
    for (size_t i = 2; i < arguments.size(); ++i) {
      Type merged = ops::MergeTypes(arguments[i], results[i - 1]);
      if (!merged.known()) merged = arguments[i].known() ? WithoutShape(arguments[i]) : results[i - 1];
      if (attempt + 1 == kTries) merged.shape.reset();
      settled &= merged == arguments[i];
      arguments[i] = std::move(merged);
    }
    if (settled || attempt >= kTries) {
      for (size_t i = 2; i < arguments.size(); ++i) {
        // A loop may begin with an optional and carry on with what it holds: then the body's type is that of the output.
        const bool filled =
            arguments[i].kind == TypeKind::kOptional && results[i - 1].known() && results[i - 1].kind != TypeKind::kOptional;
        if (!filled) results[i - 1] = arguments[i];
      }
      return results;
    }
  }
}

Status InferLoop(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const BodyRef body, ops::RequireBody(ctx, "body"));
  std::vector<Type> arguments = {Type::TensorOf(DType::kInt64, Dims()), Type::TensorOf(DType::kBool, Dims())};
  for (int i = 2; i < ctx.num_inputs(); ++i) arguments.push_back(ctx.input_type(i) != nullptr ? *ctx.input_type(i) : Type());
  SAMOYED_ASSIGN_OR_RETURN(const std::vector<Type> results, SettledBody(ctx, body, arguments));
  const int carried = static_cast<int>(arguments.size()) - 2;
  for (int i = 0; i < ctx.num_outputs() && i + 1 < static_cast<int>(results.size()); ++i) {
    Type type = results[static_cast<size_t>(i) + 1];
    if (i >= carried && type.shape) type.shape->insert(type.shape->begin(), Dim());
    ctx.set_output_type(i, std::move(type));
  }
  return OkStatus();
}

}  // namespace

extern const OpDef kOp_onnx_Loop = {.infer = InferLoop, .run = RunLoop};

}  // namespace samoyed
