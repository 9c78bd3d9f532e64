// A model made ready to run: what the public interfaces and the tests build on.
#ifndef SAMOYED_EXEC_SESSION_H_
#define SAMOYED_EXEC_SESSION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/status.h"
#include "graph/graph.h"
#include "providers/provider.h"
#include "tensor/tensor.h"
#include "tensor/type.h"

namespace samoyed {

// What becomes of the working memory of a run when it ends.
enum class MemoryMode : uint8_t {
  kKeep,     // kept for the next run, which then allocates nothing
  kRelease,  // given back at once: the smallest footprint between runs
};

struct SessionOptions {
  // Asked in this order for each node; the first that supports it gets it. At least one.
  std::vector<std::shared_ptr<const Provider>> providers;
  int threads = 0;                           // 0: as many as the process may use
  bool optimise = true;                      // false: no rewrites at all
  std::vector<std::string> disabled_passes;  // names from AllPasses() to leave out; unknown names are an error
  // Every node must run on the first provider; otherwise loading fails and names those that do not.
  bool strict_placement = false;
  // True: no fast algorithm with more rounding error than a plain sum of products has (Winograd's convolution).
  bool strict_precision = false;
  // Bytes that constants, packed weights and the working memory of runs may take together; 0: what the machine, or the
  // process's control group, has. Checked when the model is loaded (where its shapes are known then), whenever a plan is made, and
  // for values whose size depends on data when they are made. Outputs that were handed over do not count.
  int64_t max_memory = 0;
  double timeout_ms = 0;  // for loading, and for each run that gives none of its own; 0: none
  MemoryMode memory_mode = MemoryMode::kKeep;
  uint64_t seed = 0;                                 // of operators that draw random numbers and have no seed of their own
  std::map<std::string, int64_t, std::less<>> dims;  // numbers for symbolic dimensions ("batch" -> 1)
  int plan_cache_size = 8;                           // plans kept, one for each set of input shapes
  // Gets the placement line and what else a person should know; may be null.
  std::function<void(std::string_view line)> log;
};

// An input or an output as the model declares it (symbolic dimensions included).
struct IoInfo {
  std::string name;
  Type type;
  bool has_default = false;  // an input that an initializer stands in for
};

struct NamedValue {
  std::string name;
  Value value;
};

// One executed node of a profiled run. A node with bodies comes after what ran in them.
struct NodeProfile {
  std::string node, op_type;
  int depth = 0;  // of bodies: 1 for a node in a body of a node of the main graph
  std::string_view kernel, provider;  // live as long as the session
  double start_us = 0;                // since the run began
  double duration_us = 0;
  double flops = 0;                          // 0 where unknown
  int64_t bytes = 0;                         // of inputs (weights included) and outputs together; 0 where nothing is moved
  std::vector<std::string> inputs, outputs;  // "float[1,3,224,224]", as they lay in memory
};

// A loop may run its body any number of times; what ends after this many nodes is not recorded.
inline constexpr size_t kMaxProfile = 1 << 18;

struct RunOptions {
  double timeout_ms = 0;                        // 0: the session's
  const std::atomic<bool>* cancel = nullptr;    // polled between nodes and inside long kernels
  std::vector<NodeProfile>* profile = nullptr;  // appended to, in the order in which nodes end; up to kMaxProfile
};

// What a run with given input shapes needs, in bytes. Exact where `exact`; otherwise some shapes depend
// on the data and `dynamic_values` tensors come on top.
struct MemoryReport {
  int64_t constants = 0;  // weights used in place (mapped from the file where possible)
  int64_t packed = 0;     // weights in the form that kernels read
  int64_t arena = 0;      // activations and scratch memory
  int64_t outputs = 0;    // buffers handed to the caller
  int dynamic_values = 0;
  bool exact = true;
  int64_t peak() const { return constants + packed + arena + outputs; }
};

// How the nodes are spread over the providers.
struct PlacementReport {
  struct Row {
    std::string node, op_type;
    std::string_view provider, kernel;
    std::string reason;  // why no provider before this one took it
    Layout layout = Layout::kDefault;
  };
  std::vector<Row> rows;  // in order of execution
  std::string summary;    // "CPUExecutionProvider: 57 nodes; ReferenceExecutionProvider: 2 nodes (NonZero, TopK)"
};

// Immutable once loaded, but for caches behind locks: any number of threads may run it at once.
class Session {
 public:
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // From a file (external data beside it), from bytes (copied unless `owner` keeps them alive; external data
  // only where `folder` says), or from a graph that is already built.
  static Result<std::unique_ptr<Session>> Load(const std::string& path, SessionOptions options);
  static Result<std::unique_ptr<Session>> LoadBytes(std::span<const std::byte> bytes, SessionOptions options,
                                                    std::shared_ptr<const void> owner = nullptr, std::string folder = {});
  static Result<std::unique_ptr<Session>> FromGraph(Graph graph, SessionOptions options);

  const std::vector<IoInfo>& inputs() const;  // those with a default last
  const std::vector<IoInfo>& outputs() const;
  const std::map<std::string, std::string, std::less<>>& metadata() const;
  const SessionOptions& options() const;
  int threads() const;
  // The graph that runs, after all rewrites.
  const Graph& graph() const;

  // Inputs in the order of inputs(); those with a default may be left out (a none Value or a shorter list).
  // All outputs, in order. Types and shapes that contradict the model's declaration are refused.
  Result<std::vector<Value>> Run(std::span<const Value> inputs, const RunOptions& options = {}) const;
  // By name. `wanted` empty: all outputs; otherwise these, in this order.
  Result<std::vector<Value>> Run(std::span<const NamedValue> inputs, std::span<const std::string> wanted,
                                 const RunOptions& options = {}) const;
  // The one that allocates nothing once it has run with these shapes: outputs whose type and shape
  // fit the tensors in `outputs` (writable, one a model output) are written there; others are replaced.
  Status RunInto(std::span<const Value> inputs, std::span<Value> outputs, const RunOptions& options = {}) const;

  const PlacementReport& placement() const;
  // For inputs of these shapes, in the order of inputs(); an empty list means the declared shapes, where
  // symbolic dimensions without a number (options.dims) count as 1.
  Result<MemoryReport> Memory(std::span<const Shape> input_shapes = {}) const;

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  static Result<std::unique_ptr<Session>> Make(SessionOptions options, FunctionRef<Result<std::unique_ptr<Graph>>()> build);
  static Result<std::unique_ptr<Session>> MakeOrThrow(SessionOptions options, FunctionRef<Result<std::unique_ptr<Graph>>()> build);
  std::unique_ptr<Impl> impl_;
};

}  // namespace samoyed

#endif  // SAMOYED_EXEC_SESSION_H_
