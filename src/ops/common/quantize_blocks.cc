#include "ops/common/quantize_blocks.h"

namespace samoyed::ops {

Result<QuantizationMap> QuantizationMap::Make(const NodeContext& ctx, const Shape& shape, const Shape& scale) {
  QuantizationMap map;
  const int64_t block = ctx.attributes().Int("block_size", 0);
  if (block < 0) return BadInput(ctx.op_type(), ": block_size must not be negative, got ", block);
  if (block == 0 && scale.NumElements() == 1 && scale.rank() <= 1) return map;
  SAMOYED_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(ctx.attributes().Int("axis", 1), shape.rank()));
  map.inner_ = shape.Product(axis + 1, shape.rank());
  map.length_ = shape[axis];
  const auto misfit = [&] {
    return BadInput(ctx.op_type(), ": scales of shape ", scale.ToString(), " do not fit elements of shape ", shape.ToString(), " along axis ", axis,
                    block > 0 ? StrCat(" in blocks of ", block) : std::string());
  };
  if (block == 0) {
    map.kind_ = Kind::kAxis;
    if (scale.rank() != 1 || scale[0] != map.length_) return misfit();
    return map;
  }
  map.kind_ = Kind::kBlock;
  map.block_ = block;
  map.blocks_ = map.length_ / block + (map.length_ % block != 0 ? 1 : 0);
  if (scale.rank() != shape.rank()) return misfit();
  for (int i = 0; i < shape.rank(); ++i) {
    if (scale[i] != (i == axis ? map.blocks_ : shape[i])) return misfit();
  }
  return map;
}

}  // namespace samoyed::ops
