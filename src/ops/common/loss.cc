#include "ops/common/loss.h"

#include <optional>

#include "ops/common/infer.h"
#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

enum class Reduction : uint8_t { kNone, kSum, kMean };

Result<Reduction> ReadReduction(const NodeContext& ctx) {
  const std::string_view name = ctx.attributes().String("reduction", "mean");
  if (name == "none") return Reduction::kNone;
  if (name == "sum") return Reduction::kSum;
  if (name == "mean") return Reduction::kMean;
  return BadInput(ctx.op_type(), ": reduction is ", Quote(name), ", known are none, sum, mean");
}

// [N, C, D1, ...] without C.
Shape TargetShape(const Shape& scores) {
  Shape out{scores[0]};
  for (int axis = 2; axis < scores.rank(); ++axis) out.push_back(scores[axis]);
  return out;
}

}  // namespace

Result<LossInputs> ReadLoss(const KernelContext& ctx) {
  LossInputs in;
  SAMOYED_ASSIGN_OR_RETURN(in.scores, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* targets, RequireInput(ctx, 1));
  const Shape& shape = in.scores->shape();
  if (shape.rank() < 2 || !IsFloat(in.scores->dtype())) {
    return BadInput(ctx.op_type(), " needs floats [N, C, ...], got ", NameOf(in.scores->dtype()), shape.ToString());
  }
  if ((targets->dtype() != DType::kInt32 && targets->dtype() != DType::kInt64) || targets->shape() != TargetShape(shape)) {
    return BadInput(ctx.op_type(), ": targets for scores ", shape.ToString(), " are integers ", TargetShape(shape).ToString(), ", got ",
                    NameOf(targets->dtype()), targets->shape().ToString());
  }
  in.batch = shape[0];
  in.classes = shape[1];
  in.area = shape.Product(2, shape.rank());
  in.targets = LoadAll<int64_t>(*targets);
  const bool may_ignore = ctx.attributes().Has("ignore_index");
  const int64_t ignored = ctx.attributes().Int("ignore_index");
  for (int64_t& target : in.targets) {
    if (may_ignore && target == ignored) {
      target = -1;
    } else if (target < 0 || target >= in.classes) {
      return BadInput(ctx.op_type(), ": target ", target, " is none of the ", in.classes, " classes");
    }
  }
  in.weights.assign(static_cast<size_t>(in.classes), 1.0);
  if (const Tensor* weights = ctx.num_inputs() > 2 ? ctx.input(2) : nullptr) {
    if (weights->dtype() != in.scores->dtype() || weights->shape() != Shape{in.classes}) {
      return BadInput(ctx.op_type(), ": weights must be ", NameOf(in.scores->dtype()), Shape{in.classes}.ToString(), ", got ",
                      NameOf(weights->dtype()), weights->shape().ToString());
    }
    in.weights = LoadAll<double>(*weights);
  }
  return in;
}

Status StoreLoss(KernelContext& ctx, const LossInputs& in, const std::vector<double>& log_probabilities) {
  SAMOYED_ASSIGN_OR_RETURN(const Reduction reduction, ReadReduction(ctx));
  std::vector<double> losses(in.targets.size());
  double sum = 0, weight_sum = 0;
  for (size_t i = 0; i < losses.size(); ++i) {
    if (in.targets[i] < 0) continue;
    const int64_t n = static_cast<int64_t>(i) / in.area, d = static_cast<int64_t>(i) % in.area;
    const double weight = in.weights[static_cast<size_t>(in.targets[i])];
    losses[i] = -weight * log_probabilities[static_cast<size_t>((n * in.classes + in.targets[i]) * in.area + d)];
    sum += losses[i];
    weight_sum += weight;
  }
  if (reduction == Reduction::kNone) {
    SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in.scores->dtype(), TargetShape(in.scores->shape()));
    StoreAll(*out, losses);
    return OkStatus();
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in.scores->dtype(), Shape{});
  const double result = reduction == Reduction::kSum ? sum : sum / weight_sum;
  Store(*out, 0, 1, &result);
  return OkStatus();
}

Status InferLoss(InferContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Reduction reduction, ReadReduction(ctx));
  const Type* type = ctx.tensor_type(0);
  if (type == nullptr) return OkStatus();
  const Dims* scores = ctx.input_shape(0);
  const Dims* targets = ctx.input_shape(1);
  if (scores != nullptr && scores->size() < 2) return BadInput(ctx.op_type(), " needs scores [N, C, ...], got rank ", scores->size());
  std::optional<Dims> shape;
  if (targets != nullptr) shape = *targets;
  if (scores != nullptr) {
    Dims expected{(*scores)[0]};
    expected.insert(expected.end(), scores->begin() + 2, scores->end());
    if (targets != nullptr) {
      if (targets->size() != expected.size()) {
        return BadInput(ctx.op_type(), ": scores of rank ", scores->size(), " need targets of rank ", expected.size(), ", not ",
                        targets->size());
      }
      for (size_t i = 0; i < expected.size(); ++i) {
        SAMOYED_ASSIGN_OR_RETURN(expected[i], MergeDim(expected[i], (*targets)[i]));
      }
    }
    shape = expected;
    if (const Dims* weights = ctx.num_inputs() > 2 ? ctx.input_shape(2) : nullptr) {
      if (weights->size() != 1) return BadInput(ctx.op_type(), ": weights are one a class, got rank ", weights->size());
      SAMOYED_RETURN_IF_ERROR(MergeDim((*weights)[0], (*scores)[1]).status());
    }
  }
  if (reduction != Reduction::kNone) shape = Dims{};
  ctx.set_output_type(0, shape ? Type::TensorOf(type->dtype, *shape) : Type::TensorOf(type->dtype));
  if (ctx.num_outputs() > 1) ctx.set_output_type(1, *type);
  return OkStatus();
}

}  // namespace samoyed::ops
