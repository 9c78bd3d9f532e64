#include "ops/microsoft/gelu.h"

#include "ops/common/args.h"
#include "ops/common/expand.h"
#include "tensor/convert.h"

namespace samoyed::ops {

Status RunBiasActivation(KernelContext& ctx, FunctionRef<double(double)> fn) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* x, RequireInput(ctx, 0));
  if (!IsFloat(x->dtype())) return BadInput(ctx.op_type(), " needs floats, got ", NameOf(x->dtype()));
  std::vector<double> values = LoadAll<double>(*x);
  if (const Tensor* bias = ctx.input(1)) {
    SAMOYED_RETURN_IF_ERROR(CheckSameDType(ctx, *x, *bias));
    SAMOYED_ASSIGN_OR_RETURN(const std::vector<double> added, BroadcastParameter(ctx, *bias, x->shape(), x->rank() - 1, "bias"));
    for (size_t i = 0; i < values.size(); ++i) values[i] += added[i];
  }
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, x->dtype(), x->shape());
  for (double& v : values) v = fn(v);
  StoreAll(*out, values);
  return OkStatus();
}

}  // namespace samoyed::ops
