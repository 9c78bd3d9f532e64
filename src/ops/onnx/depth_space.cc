#include "ops/onnx/depth_space.h"

#include "base/checked.h"
#include "ops/common/args.h"
#include "ops/common/copy_elements.h"

namespace samoyed::ops {
namespace {

constexpr int64_t kMaxBlock = int64_t{1} << 31;  // its square still fits

struct Block {
  int64_t size;
  bool columns_first;  // mode CRD: channel = (c, y, x); DCR: channel = (y, x, c)
};

Result<Block> BlockOf(const NodeContext& ctx) {
  const int64_t size = ctx.attributes().Int("blocksize");
  const std::string_view mode = ctx.attributes().String("mode", "DCR");
  if (size < 1 || size >= kMaxBlock) return BadInput(ctx.op_type(), ": blocksize is ", size);
  if (mode != "DCR" && mode != "CRD") return BadInput(ctx.op_type(), ": mode '", mode, "' is neither DCR nor CRD");
  return Block{size, mode == "CRD"};
}

Status CheckRank(const NodeContext& ctx, int rank) {
  return rank == 4 ? OkStatus() : BadInput(ctx.op_type(), " needs [N,C,H,W], not a tensor of rank ", rank);
}

}  // namespace

Status RunDepthToSpace(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Block block, BlockOf(ctx));
  SAMOYED_RETURN_IF_ERROR(CheckRank(ctx, in->rank()));
  const int64_t b = block.size, n = in->dim(0), h = in->dim(2), w = in->dim(3);
  if (in->dim(1) % (b * b) != 0) return BadInput("DepthToSpace: ", in->dim(1), " channels are not blocks of ", b, " x ", b);
  const int64_t c = in->dim(1) / (b * b);
  const auto height = CheckedMul(h, b), width = CheckedMul(w, b);
  if (!height || !width) return LimitExceeded("DepthToSpace of ", in->shape().ToString(), " by ", b);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), Shape({n, c, *height, *width}));
  if (out->size() == 0) return OkStatus();
  // out[n, c, h, y, w, x] = in[n, (y, x, c) or (c, y, x), h, w]
  const int64_t plane = h * w;
  const int64_t c_step = block.columns_first ? b * b * plane : plane;
  const int64_t y_step = block.columns_first ? b * plane : b * c * plane;
  const int64_t x_step = block.columns_first ? plane : c * plane;
  GatherStrided(*in, 0, {in->dim(1) * plane, c_step, w, y_step, 1, x_step}, {n, c, h, b, w, b}, *out);
  return OkStatus();
}

Status RunSpaceToDepth(KernelContext& ctx) {
  SAMOYED_ASSIGN_OR_RETURN(const Tensor* in, RequireInput(ctx, 0));
  SAMOYED_ASSIGN_OR_RETURN(const Block block, BlockOf(ctx));
  SAMOYED_RETURN_IF_ERROR(CheckRank(ctx, in->rank()));
  const int64_t b = block.size, n = in->dim(0), c = in->dim(1), height = in->dim(2), width = in->dim(3);
  if (height % b != 0 || width % b != 0)
    return BadInput("SpaceToDepth: ", in->shape().ToString(), " is not made of blocks of ", b, " x ", b);
  const int64_t h = height / b, w = width / b;
  const auto channels = CheckedMul(c, b * b);
  if (!channels) return LimitExceeded("SpaceToDepth of ", in->shape().ToString(), " by ", b);
  SAMOYED_ALLOCATE_OUTPUT(out, ctx, 0, in->dtype(), Shape({n, *channels, h, w}));
  if (out->size() == 0) return OkStatus();
  const int64_t plane = height * width, row = b * width;
  if (block.columns_first) {
    GatherStrided(*in, 0, {c * plane, plane, width, 1, row, b}, {n, c, b, b, h, w}, *out);
  } else {
    GatherStrided(*in, 0, {c * plane, width, 1, plane, row, b}, {n, b, b, c, h, w}, *out);
  }
  return OkStatus();
}

// The channels times and the sides over b, or the other way.
static Status InferBlocks(InferContext& ctx, bool to_depth) {
  const Type* in = ctx.tensor_type(0);
  if (in == nullptr) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const Block block, BlockOf(ctx));
  ctx.set_output_type(0, Type::TensorOf(in->dtype));
  if (!in->shape) return OkStatus();
  SAMOYED_RETURN_IF_ERROR(CheckRank(ctx, in->rank()));
  Dims dims = *in->shape;
  for (size_t i = 1; i < 4; ++i) {
    if (!dims[i].known()) {
      dims[i] = block.size == 1 ? dims[i] : Dim();
      continue;
    }
    const int64_t factor = i == 1 ? block.size * block.size : block.size;
    if ((i == 1) == to_depth) {
      const auto size = CheckedMul(dims[i].value, factor);
      if (!size) return LimitExceeded(ctx.op_type(), ": a dimension of ", dims[i].value, " times ", factor);
      dims[i] = Dim(*size);
    } else {
      if (dims[i].value % factor != 0) return BadInput(ctx.op_type(), ": a dimension of ", dims[i].value, " does not divide by ", factor);
      dims[i] = Dim(dims[i].value / factor);
    }
  }
  ctx.set_output_type(0, Type::TensorOf(in->dtype, std::move(dims)));
  return OkStatus();
}

Status InferDepthToSpace(InferContext& ctx) { return InferBlocks(ctx, false); }
Status InferSpaceToDepth(InferContext& ctx) { return InferBlocks(ctx, true); }

}  // namespace samoyed::ops
