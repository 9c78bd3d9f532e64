// SpaceToDepth and DepthToSpace: blocks of blocksize x blocksize pixels against channels.
#ifndef SAMOYED_OPS_ONNX_DEPTH_SPACE_H_
#define SAMOYED_OPS_ONNX_DEPTH_SPACE_H_

#include "ops/context.h"

namespace samoyed::ops {

Status RunDepthToSpace(KernelContext& ctx);
Status RunSpaceToDepth(KernelContext& ctx);
Status InferDepthToSpace(InferContext& ctx);
Status InferSpaceToDepth(InferContext& ctx);

}  // namespace samoyed::ops

#endif  // SAMOYED_OPS_ONNX_DEPTH_SPACE_H_
