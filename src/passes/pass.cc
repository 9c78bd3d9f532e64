#include "passes/pass.h"

#include <algorithm>

#include "base/interrupt.h"
#include "check/infer.h"
#include "passes/passes.h"

namespace samoyed {
namespace {

constexpr int kMaxRounds = 4;
constexpr int kMaxDepth = 32;

constexpr Pass kPasses[] = {
    // Before constants are folded: dequantised weights would be.
    {"quantise-linear", "a convolution, Gemm, Add or Mul between dequantising and quantising becomes its integer form", passes::QuantiseLinear,
     false},
    // Before constants are folded: they are folded as floats then.
    {"widen-half", "what computes in 16-bit floats computes in float, rounded where others see it", passes::WidenHalves, false},
    {"narrow-matmul", "a matrix product with dequantised weights of 2 or 4 bits becomes MatMulNBits", passes::NarrowMatMul, false},
    {"fold-shapes", "Shape and Size of values whose shape is known become constants", passes::FoldShapes},
    {"fold-constants", "nodes that read only constants are computed once, at load", passes::FoldConstants},
    {"inline-if", "an If whose condition is constant becomes the branch that it takes", passes::InlineIf},
    {"capture-constants", "constants that a body captures become the body's own", passes::CaptureConstants, false},
    {"remove-no-ops", "Identity, Dropout at inference, casts, reshapes, transposes and pads that change nothing", passes::RemoveNoOps},
    {"merge-views", "transposes of transposes and reshapes of reshapes become one", passes::MergeViews},
    {"share-equal", "nodes that compute the same from the same are computed once", passes::ShareEqual},
    {"fold-pad", "zero padding before a convolution becomes its own", passes::FoldPad},
    {"fold-affine", "scales, offsets and batch normalisation after a linear operator go into its weights", passes::FoldAffine},
    {"matmul-to-gemm", "a matrix product and the bias added to it become one Gemm", passes::MatMulToGemm},
    {"fuse-integer-matmul", "a product of integers, made real by its scales, and its bias become MatMulIntegerToFloat",
     passes::FuseIntegerMatMul, false},
    {"fuse-gelu", "0.5 x (1 + erf(x / sqrt 2)), or its form with tanh, in any order becomes Gelu", passes::FuseGelu},
    {"fuse-silu", "x sigmoid(x) becomes Swish", passes::FuseSilu},
    {"fuse-hardswish", "x clip(x + 3, 0, 6) / 6 in any order, or x HardSigmoid(x), becomes HardSwish", passes::FuseHardSwish},
    {"fuse-layer-norm", "means, differences and roots that normalise the last axes become LayerNormalization", passes::FuseLayerNorm},
    {"fuse-rms-norm", "the same without the mean becomes RMSNormalization", passes::FuseRmsNorm},
    {"fuse-residual", "additions after a linear operator become part of it", passes::FuseResidual, false},
    {"fuse-activation", "activations after a linear operator become part of it", passes::FuseActivation, false},
    {"remove-dead", "nodes and constants that nothing needs are dropped", passes::RemoveDead},
};

// One round over a graph and its bodies.
Result<int> RunRound(Graph& graph, std::span<const Pass* const> chosen, std::vector<int>& changes, int depth) {
  if (depth > kMaxDepth) return LimitExceeded("graphs nested more than ", kMaxDepth, " deep");
  int total = 0;
  for (size_t i = 0; i < chosen.size(); ++i) {
    SAMOYED_RETURN_IF_ERROR(PollInterrupt());
    SAMOYED_ASSIGN_OR_RETURN(const int count, chosen[i]->run(graph));
    changes[i] += count;
    total += count;
  }
  for (NodeId id = 0; id < graph.num_node_slots(); ++id) {
    if (!graph.has_node(id)) continue;
    for (auto& body : graph.mutable_node(id).bodies) {
      body->for_file = graph.for_file;
      SAMOYED_ASSIGN_OR_RETURN(const int count, RunRound(*body, chosen, changes, depth + 1));
      total += count;
    }
  }
  return total;
}

}  // namespace

std::span<const Pass> AllPasses() { return kPasses; }

Status RunPasses(Graph& graph, const PassOptions& options, PassReport* report) {
  std::vector<const Pass*> chosen;
  for (const std::string& name : options.disabled) {
    if (std::ranges::find(kPasses, name, &Pass::name) == std::end(kPasses)) return UsageError("there is no pass \"", name, "\"");
  }
  for (const Pass& pass : kPasses) {
    const bool disabled = std::ranges::find(options.disabled, pass.name) != options.disabled.end();
    if (!disabled && (pass.standard || !options.only_standard)) chosen.push_back(&pass);
  }
  SAMOYED_RETURN_IF_ERROR(AnnotateTypes(graph, {.refuse_false_outputs = true}));  // other contradictions are for the checker to report
  if (!options.enabled) return OkStatus();
  graph.for_file = options.only_standard;
  std::vector<int> changes(chosen.size(), 0);
  for (int round = 0; round < kMaxRounds; ++round) {
    SAMOYED_ASSIGN_OR_RETURN(const int count, RunRound(graph, chosen, changes, 0));
    if (count == 0) break;
    (void)AnnotateTypes(graph);
  }
  if (report != nullptr) {
    for (size_t i = 0; i < chosen.size(); ++i) {
      if (changes[i] > 0) report->rows.push_back({chosen[i]->name, changes[i]});
    }
  }
  return OkStatus();
}

}  // namespace samoyed
