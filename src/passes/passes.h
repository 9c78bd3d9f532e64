// The rewrites by name, for the list in pass.cc and for tests.
#ifndef SAMOYED_PASSES_PASSES_H_
#define SAMOYED_PASSES_PASSES_H_

#include "base/status.h"
#include "graph/graph.h"

namespace samoyed::passes {

Result<int> CaptureConstants(Graph& graph);
Result<int> FoldAffine(Graph& graph);
Result<int> FoldConstants(Graph& graph);
Result<int> FoldPad(Graph& graph);
Result<int> FoldShapes(Graph& graph);
Result<int> FuseActivation(Graph& graph);
Result<int> FuseGelu(Graph& graph);
Result<int> FuseHardSwish(Graph& graph);
Result<int> FuseIntegerMatMul(Graph& graph);
Result<int> FuseLayerNorm(Graph& graph);
Result<int> FuseResidual(Graph& graph);
Result<int> FuseRmsNorm(Graph& graph);
Result<int> FuseSilu(Graph& graph);
Result<int> InlineIf(Graph& graph);
Result<int> MatMulToGemm(Graph& graph);
Result<int> MergeViews(Graph& graph);
Result<int> NarrowMatMul(Graph& graph);
Result<int> QuantiseLinear(Graph& graph);
Result<int> RemoveDead(Graph& graph);
Result<int> RemoveNoOps(Graph& graph);
Result<int> ShareEqual(Graph& graph);
Result<int> WidenHalves(Graph& graph);

}  // namespace samoyed::passes

#endif  // SAMOYED_PASSES_PASSES_H_
