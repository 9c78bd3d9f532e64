#include "ops/microsoft/channels_last.h"

#include <algorithm>

namespace samoyed::ops {
namespace {

Result<Tensor> Move(KernelContext& ctx, const Tensor& x, bool to_front) {
  if (x.rank() < 3) return BadInput(ctx.op_type(), " needs channels and at least one spatial axis, got ", x.shape().ToString());
  std::vector<int64_t> axes;
  for (int64_t i = 0; i < x.rank(); ++i) axes.push_back(i);
  if (to_front)
    std::rotate(axes.begin() + 1, axes.end() - 1, axes.end());
  else
    std::rotate(axes.begin() + 1, axes.begin() + 2, axes.end());
  return CallForTensor(ctx, {"Transpose", 13, {{"perm", std::move(axes)}}}, {x});
}

}  // namespace

Result<Tensor> ChannelsToFront(KernelContext& ctx, const Tensor& x) { return Move(ctx, x, true); }
Result<Tensor> ChannelsToBack(KernelContext& ctx, const Tensor& x) { return Move(ctx, x, false); }

Type ChannelsToFront(Type type) {
  if (type.rank() >= 3) std::rotate(type.shape->begin() + 1, type.shape->end() - 1, type.shape->end());
  return type;
}

Type ChannelsToBack(Type type) {
  if (type.rank() >= 3) std::rotate(type.shape->begin() + 1, type.shape->begin() + 2, type.shape->end());
  return type;
}

}  // namespace samoyed::ops
