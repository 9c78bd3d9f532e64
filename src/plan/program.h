// A graph lowered to steps: which provider's kernel runs each node, in what order, and in which layout
// every value lies in memory. Independent of shapes; plan/memory_plan.h adds the offsets for given ones.
#ifndef SAMOYED_PLAN_PROGRAM_H_
#define SAMOYED_PLAN_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "graph/graph.h"
#include "providers/provider.h"

namespace samoyed {

using SlotId = int32_t;
inline constexpr SlotId kNoSlot = -1;

// A value of the graph in one layout. A value that is needed in both has two slots and a step between them.
struct Slot {
  enum class Origin : uint8_t { kInput, kCapture, kConstant, kComputed };
  ValueId value = kNoValue;
  Layout layout = Layout::kDefault;
  Origin origin = Origin::kComputed;
  Value constant;  // kConstant, in this slot's layout; none once nobody but packing kernels reads it
};

struct Step {
  enum class Kind : uint8_t {
    kKernel,
    kPermute,  // output 0 is input 0 with its (physical) axes in the order `perm`
  };
  Kind kind = Kind::kKernel;
  NodeId node = kNoNode;  // kNoNode: a layout conversion that the plan put in
  const Provider* provider = nullptr;
  const Kernel* kernel = nullptr;
  Layout layout = Layout::kDefault;
  std::vector<SlotId> inputs, outputs;  // kNoSlot where absent
  int num_inputs = 0;                   // without absent ones at the end
  std::vector<int> perm;
  bool view = false;           // output 0 is input 0's bytes under another shape
  uint32_t in_place = 0;       // bit i: output 0 may be written over input i
  // For each body of the node, what it captures, in the order of the body's captures.
  std::vector<std::vector<SlotId>> body_captures;
  std::string reason;  // why the providers asked earlier did not take the node
};

struct Program {
  const Graph* graph = nullptr;
  std::vector<Slot> slots;
  std::vector<Step> steps;
  std::vector<SlotId> inputs;      // of the graph's inputs, in order
  std::vector<SlotId> captures;    // bodies: in the order of the graph's captures
  std::vector<SlotId> outputs;     // of the graph's outputs, in order; all in the default layout
  std::vector<std::unique_ptr<Kernel>> kernels;
  // Bodies by node number (empty for nodes without) and by BodyRef.
  std::vector<std::vector<std::unique_ptr<Program>>> bodies;

  const Node& node(const Step& step) const { return graph->node(step.node); }
  int64_t ConstantBytes() const;  // of constants that kernels read in place, bodies included
  int64_t PackedBytes() const;    // of constants that kernels hold in a form of their own, bodies included
};

struct CompileOptions {
  std::span<const std::shared_ptr<const Provider>> providers;
  bool strict = false;  // only the first provider will do (control flow aside: its bodies decide)
  bool strict_precision = false;
};

// Places every node, assigns layouts, makes the kernels. Errors name the node, its operator and opset, the types of its inputs,
// and why each provider refused. The graph must outlive the program; it lets go of each constant as soon as all its readers have
// packed it for themselves, so that no more than one is in memory twice (its type stays).
Result<std::unique_ptr<Program>> Compile(Graph& graph, const CompileOptions& options);

// The axes of a rank-`rank` tensor in the order in which `layout` stores them.
std::vector<int> AxisOrder(Layout layout, int rank);
// The shape as stored, and back.
Shape PhysicalShape(const Shape& logical, Layout layout);
Shape LogicalShape(const Shape& physical, Layout layout);
// True when reordering the axes of `shape` by `perm` moves no element: axes of size 1 aside, order is kept.
bool IsRelabelling(std::span<const int> perm, const Shape& shape);

}  // namespace samoyed

#endif  // SAMOYED_PLAN_PROGRAM_H_
