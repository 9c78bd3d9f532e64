// Parameters (scales, biases, slopes) spread over the shape that they apply to.
#ifndef SAMOYED_OPS_COMMON_EXPAND_H_
#define SAMOYED_OPS_COMMON_EXPAND_H_

#include <string_view>
#include <vector>

#include "ops/context.h"

namespace samoyed::ops {

// The tensor broadcast to `shape`, or an error that names it where it does not broadcast to exactly that.
Result<Tensor> ExpandTo(const NodeContext& ctx, const Tensor& tensor, const Shape& shape, std::string_view what);

// A parameter's value for each element of `shape`: one number for all, a list along `axis`, or a tensor that broadcasts.
Result<std::vector<double>> BroadcastParameter(const NodeContext& ctx, const Tensor& tensor, const Shape& shape, int axis, std::string_view what);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_EXPAND_H_
