// Which scale and zero point belongs to an element: one for the tensor, one an index of an axis, or one a block along an axis.
#ifndef SAMOYED_OPS_COMMON_QUANTIZE_BLOCKS_H_
#define SAMOYED_OPS_COMMON_QUANTIZE_BLOCKS_H_

#include "ops/context.h"

namespace samoyed::ops {

class QuantizationMap {
 public:
  // For elements of `shape` and parameters of shape `scale`, by the attributes axis and block_size.
  static Result<QuantizationMap> Make(const NodeContext& ctx, const Shape& shape, const Shape& scale);
  // The index of element i's parameter.
  size_t operator[](int64_t i) const {
    if (kind_ == Kind::kTensor) return 0;
    const int64_t along = i / inner_ % length_;
    if (kind_ == Kind::kAxis) return static_cast<size_t>(along);
    return static_cast<size_t>((i / (inner_ * length_) * blocks_ + along / block_) * inner_ + i % inner_);
  }

 private:
  enum class Kind : uint8_t { kTensor, kAxis, kBlock };
  Kind kind_ = Kind::kTensor;
  int64_t inner_ = 1, length_ = 1, block_ = 1, blocks_ = 1;
};

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_COMMON_QUANTIZE_BLOCKS_H_
