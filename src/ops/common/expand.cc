#include "ops/common/expand.h"

#include "ops/common/copy_elements.h"
#include "ops/common/elementwise.h"

namespace samoyed::ops {

Result<Tensor> ExpandTo(const NodeContext& ctx, const Tensor& tensor, const Shape& shape, std::string_view what) {
  if (tensor.shape() == shape) return tensor;
  const auto joint = BroadcastShapes(tensor.shape(), shape);
  if (!joint.ok() || !(*joint == shape)) {
    return BadInput(ctx.op_type(), ": ", what, " of shape ", tensor.shape().ToString(), " does not broadcast to ", shape.ToString());
  }
  SAMOYED_ASSIGN_OR_RETURN(Tensor out, Tensor::Allocate(tensor.dtype(), shape));
  GatherStrided(tensor, 0, BroadcastStrides(tensor.shape(), shape), shape, out);
  return out;
}

Result<std::vector<double>> BroadcastParameter(const NodeContext& ctx, const Tensor& tensor, const Shape& shape, int axis, std::string_view what) {
  Shape own = tensor.shape();
  if (tensor.size() == 1) {
    own = Shape();
  } else if (own.rank() == 1 && axis >= 0) {
    for (int i = axis + 1; i < shape.rank(); ++i) own.push_back(1);
  }
  SAMOYED_ASSIGN_OR_RETURN(const Tensor expanded, ExpandTo(ctx, tensor.Reshaped(own), shape, what));
  return LoadAll<double>(expanded);
}

}  // namespace samoyed::ops
