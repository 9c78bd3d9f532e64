#include "ops/context.h"

namespace samoyed {

Result<const Tensor*> RequireInput(const KernelContext& ctx, int i) {
  const Tensor* tensor = ctx.input(i);
  if (tensor == nullptr) return BadInput(ctx.op_type(), " needs a tensor as input ", i);
  return tensor;
}

}  // namespace samoyed
