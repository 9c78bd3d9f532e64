#include "ops/training/optimizer.h"

#include <optional>
#include <vector>

#include "ops/common/infer.h"
#include "tensor/convert.h"

namespace samoyed::ops {
namespace {

// The number of tensors to update.
Result<int> CountTensors(const NodeContext& ctx, int states) {
  const int n = (ctx.num_inputs() - 2) / (2 + states);
  if (n < 1 || (ctx.num_inputs() - 2) % (2 + states) != 0 || ctx.num_outputs() > n * (1 + states)) {
    return BadInput(ctx.op_type(), ": R, T and ", 2 + states, " inputs a tensor give ", 1 + states, " outputs a tensor; the node has ",
                    ctx.num_inputs(), " inputs and ", ctx.num_outputs(), " outputs");
  }
  return n;
}

Result<const Tensor*> Operand(const KernelContext& ctx, int i, const Tensor* like) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, i));
  if (!IsFloat(t->dtype()) || (like != nullptr && (t->dtype() != like->dtype() || t->shape() != like->shape()))) {
    return BadInput(ctx.op_type(), ": input ", i, " is ", NameOf(t->dtype()), t->shape().ToString(),
                    like == nullptr ? ", not floats" : ", unlike the tensor it belongs to");
  }
  return t;
}

}  // namespace

Status RunOptimizer(KernelContext& ctx, int states, FunctionRef<void(double, int64_t, OptimizerElement&)> update) {
  SAMOYED_ASSIGN_OR_RETURN(const int n, CountTensors(ctx, states));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* rate, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* t, RequireInput(ctx, 1));
  if (rate->size() != 1 || !IsFloat(rate->dtype()) || t->size() != 1 || t->dtype() != DType::kInt64) {
    return BadInput(ctx.op_type(), ": R must be one float and T one int64, got ", NameOf(rate->dtype()), rate->shape().ToString(), " and ",
                    NameOf(t->dtype()), t->shape().ToString());
  }
  for (int i = 0; i < n; ++i) {
    SAMOYED_RETURN_IF_ERROR(ctx.Poll());
    const Tensor* x = nullptr;
    std::vector<double> values[4];  // x, gradient, states
    for (int k = 0; k < 2 + states; ++k) {
      SAMOYED_ASSIGN_OR_RETURN(const Tensor* operand, Operand(ctx, 2 + k * n + i, x));
      values[k] = LoadAll<double>(*operand);
      if (k == 0) x = operand;
    }
    for (size_t at = 0; at < values[0].size(); ++at) {
      OptimizerElement e = {values[0][at], values[1][at], {values[2][at], states > 1 ? values[3][at] : 0}};
      update(At<double>(*rate), At<int64_t>(*t), e);
      values[0][at] = e.x;
      for (int k = 0; k < states; ++k) values[2 + k][at] = e.state[k];
    }
    for (int k = 0; k < 1 + states; ++k) {
      const int output = k * n + i;
      if (output >= ctx.num_outputs() || !ctx.wants_output(output)) continue;
      SAMOYED_ALLOCATE_OUTPUT(out, ctx, output, x->dtype(), x->shape());
      StoreAll(*out, values[k == 0 ? 0 : k + 1]);
    }
  }
  return OkStatus();
}

Status InferOptimizer(InferContext& ctx, int states) {
  SAMOYED_ASSIGN_OR_RETURN(const int n, CountTensors(ctx, states));
  for (int i = 0; i < n; ++i) {
    std::optional<Dims> shape;
    for (int k = 0; k < 2 + states; ++k) {
      const Dims* operand = ctx.input_shape(2 + k * n + i);
      if (operand == nullptr) continue;
      if (!shape) shape = *operand;
      if (operand->size() != shape->size()) {
        return BadInput(ctx.op_type(), ": input ", 2 + k * n + i, " has rank ", operand->size(), ", the tensor it belongs to ",
                        shape->size());
      }
      for (size_t axis = 0; axis < shape->size(); ++axis) {
        SAMOYED_ASSIGN_OR_RETURN((*shape)[axis], MergeDim((*shape)[axis], (*operand)[axis]));
      }
    }
    const DType dtype = ctx.input_dtype(2 + i);
    for (int k = 0; k < 1 + states; ++k) {
      if (k * n + i < ctx.num_outputs()) ctx.set_output_type(k * n + i, shape ? Type::TensorOf(dtype, *shape) : Type::TensorOf(dtype));
    }
  }
  return OkStatus();
}

}  // namespace samoyed::ops
