// What an execution provider is: it says which nodes it can run and at what cost, and makes kernels.
#ifndef SAMOYED_PROVIDERS_PROVIDER_H_
#define SAMOYED_PROVIDERS_PROVIDER_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "ops/context.h"

namespace samoyed {

// How the elements of a rank >= 3 activation lie in memory. A channels-last tensor carries its physical
// shape, [N, spatial..., C]: a Tensor is always row-major over its own shape. ONNX's axis numbers
// in attributes stay logical ([N, C, spatial...]); the kernel translates.
enum class Layout : uint8_t { kDefault, kChannelsLast };

// What a kernel can do about layouts. The plan decides, and inserts conversions where it must.
enum class LayoutSupport : uint8_t {
  kDefaultOnly,
  kFollows,            // runs in either, all non-scalar inputs and outputs in the same one (elementwise, Concat, ...)
  kPrefersChannelsLast,  // input 0 (and residual) and output 0 channels-last; other inputs as ONNX has them
};

struct Support {
  bool supported = false;
  std::string reason;  // why not, or why slowly: for the placement line and the profile
  LayoutSupport layout = LayoutSupport::kDefaultOnly;

  static Support Yes(LayoutSupport layout = LayoutSupport::kDefaultOnly) { return {true, {}, layout}; }
  static Support No(std::string reason) { return {false, std::move(reason), LayoutSupport::kDefaultOnly}; }
};

// A node with what is known of its surroundings when a kernel is made. Types carry logical shapes,
// which may be symbolic or unknown; constants are those of the graph, in ONNX's layout.
struct KernelSpec {
  const Graph& graph;
  const Node& node;
  Layout layout = Layout::kDefault;  // of the activations, one of what Support offered
  // Constants that a kFollows kernel reads with channels-last activations are handed over already
  // permuted at run time; constants that a kernel packs (weights) are read from the graph.
  bool strict_precision = false;  // no algorithm that rounds more than the operator's own sum of products does

  const Type& input_type(int i) const;   // kUnknown type where absent
  const Type& output_type(int i) const;
  const Tensor* constant(int i) const;   // null where not constant
  bool has_input(int i) const;
};

// A node's executable form. Made once a session, used by all its runs at once: Run must not change
// the kernel. Memory that a run needs comes from AllocateOutput and scratch().
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual Status Run(KernelContext& ctx) const = 0;
  // What ran, for people: "conv 3x3 winograd F4 avx512".
  virtual std::string_view name() const = 0;
  // Scratch memory that Run needs for inputs of these (physical) shapes; absent inputs have rank 0.
  virtual int64_t ScratchBytes(std::span<const Shape> inputs, int num_threads) const {
    (void)inputs, (void)num_threads;
    return 0;
  }
  // Bytes of packed constants that the kernel holds.
  virtual int64_t PackedBytes() const { return 0; }
  // Inputs that are constants which the kernel has packed for itself and never reads again.
  virtual bool OwnsConstant(int input) const {
    (void)input;
    return false;
  }
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;  // "CPUExecutionProvider"
  virtual Support Query(const KernelSpec& spec) const = 0;
  virtual Result<std::unique_ptr<Kernel>> CreateKernel(const KernelSpec& spec) const = 0;
};

}  // namespace samoyed

#endif  // SAMOYED_PROVIDERS_PROVIDER_H_
