#include "plan/program.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/interrupt.h"
#include "plan/placement.h"
#include "tensor/permute.h"

namespace samoyed {
namespace {

constexpr int kMaxBodyDepth = 32;
constexpr size_t kMaxProblems = 8;  // listed in one error

// perm[k] = where axis `to[k]` stands in `from`.
std::vector<int> Between(std::span<const int> from, std::span<const int> to) {
  std::vector<int> perm;
  for (int axis : to) perm.push_back(static_cast<int>(std::ranges::find(from, axis) - from.begin()));
  return perm;
}

// The axis order of a Transpose node, if the node is one and the rank of what it reads is known. It is the one operator
// that can turn into a mere relabelling between layouts, so the plan knows it by name.
std::vector<int> TransposeOrder(const Graph& graph, const Node& node) {
  if (node.op_type != "Transpose" || !node.domain.empty() || node.inputs.empty() || node.inputs[0] == kNoValue) return {};
  const int rank = graph.value(node.inputs[0]).type.rank();
  if (rank < 1) return {};
  std::vector<int> order;
  const auto perm = node.attributes.Ints("perm");
  if (!node.attributes.Has("perm")) {
    for (int i = rank; i-- > 0;) order.push_back(i);
    return order;
  }
  if (perm.size() != static_cast<size_t>(rank)) return {};
  std::set<int64_t> seen;
  for (int64_t axis : perm) {
    if (axis < 0 || axis >= rank || !seen.insert(axis).second) return {};  // the kernel says what is wrong
    order.push_back(static_cast<int>(axis));
  }
  return order;
}

class Lowering {
 public:
  Lowering(Graph& graph, const CompileOptions& options, int depth)
      : graph_(graph),
        options_(options),
        depth_(depth),
        program_(std::make_unique<Program>()),
        packed_by_(static_cast<size_t>(graph.num_values()), 0) {}

  Result<std::unique_ptr<Program>> Run();

 private:
  using Key = std::tuple<ValueId, Layout, int>;

  Status LowerNode(const Node& node);
  bool LowerTranspose(const Node& node);
  Status LowerBodies(const Node& node, Step& step);
  Layout ChooseLayout(const Node& node, LayoutSupport support) const;
  Result<SlotId> InputSlot(const Node& node, int i, Layout layout);
  Result<SlotId> SlotOf(ValueId id, Layout layout);
  Result<SlotId> ConstantSlot(ValueId id, Layout layout, int rank);
  SlotId AddSlot(ValueId id, Layout layout, Slot::Origin origin);
  SlotId FindSlot(ValueId id, Layout layout) const;
  void ReleasePackedConstants(const Node& node, const Kernel& kernel);
  void DropPackedConstants();

  int RankOf(ValueId id) const { return graph_.value(id).type.rank(); }
  bool IsActivation(ValueId id, int rank) const { return RankOf(id) == rank && !graph_.value(id).constant; }

  Graph& graph_;  // only its constants change, see ReleasePackedConstants
  const CompileOptions& options_;
  int depth_;
  std::unique_ptr<Program> program_;
  std::vector<size_t> packed_by_;  // nodes that have packed this constant
  std::map<Key, SlotId> slots_;
};

SlotId Lowering::AddSlot(ValueId id, Layout layout, Slot::Origin origin) {
  const auto slot = static_cast<SlotId>(program_->slots.size());
  program_->slots.push_back({id, layout, origin, {}});
  slots_[{id, layout, -1}] = slot;
  return slot;
}

SlotId Lowering::FindSlot(ValueId id, Layout layout) const {
  const auto it = slots_.find({id, layout, -1});
  return it == slots_.end() ? kNoSlot : it->second;
}

// A constant in `layout`, seen as a tensor of `rank` axes (missing ones in front are 1; -1: its own rank).
Result<SlotId> Lowering::ConstantSlot(ValueId id, Layout layout, int rank) {
  const Value& value = *graph_.value(id).constant;
  if (layout == Layout::kDefault || !value.is_tensor() || value.tensor().size() <= 1) {
    layout = Layout::kDefault;
    rank = -1;
  }
  const auto it = slots_.find({id, layout, rank});
  if (it != slots_.end()) return it->second;
  Value constant = value;
  if (layout == Layout::kChannelsLast) {
    const Tensor& tensor = value.tensor();
    Shape shape = tensor.shape();
    if (rank > tensor.rank()) {
      std::vector<int64_t> dims(static_cast<size_t>(rank), 1);
      std::ranges::copy(tensor.shape(), dims.end() - tensor.rank());
      shape = Shape(dims);
    }
    SAMOYED_ASSIGN_OR_RETURN(constant, Permuted(tensor.Reshaped(shape), AxisOrder(layout, shape.rank())));
  }
  const auto slot = static_cast<SlotId>(program_->slots.size());
  program_->slots.push_back({id, layout, Slot::Origin::kConstant, std::move(constant)});
  slots_[{id, layout, rank}] = slot;
  return slot;
}

// The value in `layout`; a step that converts it is put in where it is not there yet.
Result<SlotId> Lowering::SlotOf(ValueId id, Layout layout) {
  if (id == kNoValue) return kNoSlot;
  if (graph_.value(id).constant) return ConstantSlot(id, layout, -1);
  const SlotId found = FindSlot(id, layout);
  if (found != kNoSlot) return found;
  const Layout other = layout == Layout::kDefault ? Layout::kChannelsLast : Layout::kDefault;
  const SlotId source = FindSlot(id, other);
  if (source == kNoSlot) return BadInput("value \"", graph_.value(id).name, "\" is read but nothing produces it");
  Step step;
  step.kind = Step::Kind::kPermute;
  step.inputs = {source};
  step.num_inputs = 1;
  const int rank = RankOf(id);
  step.perm = Between(AxisOrder(other, rank), AxisOrder(layout, rank));
  const SlotId slot = AddSlot(id, layout, Slot::Origin::kComputed);
  step.outputs = {slot};
  step.layout = layout;
  program_->steps.push_back(std::move(step));
  return slot;
}

// Input i of a node that runs with activations in `layout`.
Result<SlotId> Lowering::InputSlot(const Node& node, int i, Layout layout) {
  const ValueId id = node.inputs[static_cast<size_t>(i)];
  if (id == kNoValue) return kNoSlot;
  if (layout == Layout::kDefault) return SlotOf(id, layout);
  const int rank = RankOf(node.outputs[0]);
  if (graph_.value(id).constant) {
    const bool broadcasts = node.op->facts.elementwise;
    return ConstantSlot(id, broadcasts || RankOf(id) == rank ? layout : Layout::kDefault, broadcasts ? rank : -1);
  }
  return SlotOf(id, RankOf(id) == rank ? layout : Layout::kDefault);
}

Layout Lowering::ChooseLayout(const Node& node, LayoutSupport support) const {
  if (support == LayoutSupport::kDefaultOnly) return Layout::kDefault;
  if (support == LayoutSupport::kPrefersChannelsLast) return Layout::kChannelsLast;
  const int rank = node.outputs.empty() || node.outputs[0] == kNoValue ? -1 : RankOf(node.outputs[0]);
  if (rank < 3) return Layout::kDefault;
  // Where most of the inputs are already.
  int last = 0, first = 0;
  for (ValueId id : node.inputs) {
    if (id == kNoValue || graph_.value(id).constant) continue;
    if (!IsActivation(id, rank)) {
      // Parameters (sizes, axes, scalars) are passed as they are; anything that broadcasts from a lower rank ties the
      // node to the default layout.
      const Type& type = graph_.value(id).type;
      const bool scalar = type.rank() == 0 || (type.rank() == 1 && (*type.shape)[0].known() && (*type.shape)[0].value == 1);
      if (node.op->facts.elementwise && !scalar) return Layout::kDefault;
      continue;
    }
    const bool is_last = FindSlot(id, Layout::kChannelsLast) != kNoSlot;
    const bool is_first = FindSlot(id, Layout::kDefault) != kNoSlot;
    if (is_last && !is_first) ++last;
    if (is_first && !is_last) ++first;
    if (is_first && is_last) ++last, ++first;
  }
  return last > 0 && last >= first ? Layout::kChannelsLast : Layout::kDefault;
}

// A Transpose between layouts that is only a relabelling, or whose input would have to be converted first, becomes one
// step of the plan's own. False: leave it to a kernel.
bool Lowering::LowerTranspose(const Node& node) {
  const std::vector<int> order = TransposeOrder(graph_, node);
  if (order.empty() || node.outputs.size() != 1 || node.outputs[0] == kNoValue) return false;
  const ValueId in = node.inputs[0];
  if (graph_.value(in).constant) return false;
  const int rank = static_cast<int>(order.size());
  auto emit = [&](Layout from, Layout to, bool only_if_free) {
    const SlotId source = FindSlot(in, from);
    if (source == kNoSlot || (to == Layout::kChannelsLast && rank < 3)) return false;
    std::vector<int> wanted;  // axes of the input in the order in which the output stores them
    for (int axis : AxisOrder(to, rank)) wanted.push_back(order[static_cast<size_t>(axis)]);
    const std::vector<int> perm = Between(AxisOrder(from, rank), wanted);
    if (only_if_free && !std::ranges::is_sorted(perm)) return false;
    Step step;
    step.kind = Step::Kind::kPermute;
    step.node = node.id;
    step.inputs = {source};
    step.num_inputs = 1;
    step.perm = perm;
    step.layout = to;
    step.outputs = {AddSlot(node.outputs[0], to, Slot::Origin::kComputed)};
    program_->steps.push_back(std::move(step));
    return true;
  };
  for (Layout from : {Layout::kDefault, Layout::kChannelsLast}) {
    if (emit(from, Layout::kDefault, true) || emit(from, Layout::kChannelsLast, true)) return true;
  }
  return FindSlot(in, Layout::kDefault) == kNoSlot && emit(Layout::kChannelsLast, Layout::kDefault, false);
}

Status Lowering::LowerBodies(const Node& node, Step& step) {
  auto& bodies = program_->bodies;
  if (node.bodies.empty()) return OkStatus();
  if (depth_ >= kMaxBodyDepth) return LimitExceeded("graphs nested more than ", kMaxBodyDepth, " deep");
  bodies.resize(std::max(bodies.size(), static_cast<size_t>(node.id) + 1));
  for (const auto& body : node.bodies) {
    SAMOYED_ASSIGN_OR_RETURN(auto program, Lowering(*body, options_, depth_ + 1).Run());
    bodies[static_cast<size_t>(node.id)].push_back(std::move(program));
    std::vector<SlotId> captures;
    for (const Graph::Capture& capture : body->captures) {
      SAMOYED_ASSIGN_OR_RETURN(const SlotId slot, SlotOf(capture.outer, Layout::kDefault));
      captures.push_back(slot);
    }
    step.body_captures.push_back(std::move(captures));
  }
  return OkStatus();
}

Status Lowering::LowerNode(const Node& node) {
  if (LowerTranspose(node)) return OkStatus();
  SAMOYED_ASSIGN_OR_RETURN(const Placed placed, Place(graph_, node, options_));
  Step step;
  step.node = node.id;
  step.provider = placed.provider;
  step.reason = placed.reason;
  step.layout = ChooseLayout(node, placed.support.layout);
  SAMOYED_RETURN_IF_ERROR(LowerBodies(node, step));

  const bool prefers = placed.support.layout == LayoutSupport::kPrefersChannelsLast;
  const int residual = node.epilogue.has_residual ? static_cast<int>(node.inputs.size()) - 1 : -1;
  for (int i = 0; i < static_cast<int>(node.inputs.size()); ++i) {
    const Layout layout = prefers && i != 0 && i != residual ? Layout::kDefault : step.layout;
    SAMOYED_ASSIGN_OR_RETURN(const SlotId slot, InputSlot(node, i, layout));
    step.inputs.push_back(slot);
    if (slot != kNoSlot) step.num_inputs = i + 1;
  }
  const OpFacts& facts = node.op->facts;
  const bool plain = node.epilogue.empty();
  step.view = facts.view && step.layout == Layout::kDefault;
  if (facts.in_place && plain) step.in_place = facts.commutative && facts.elementwise ? 3 : 1;

  SAMOYED_ASSIGN_OR_RETURN(
      auto kernel,
      placed.provider->CreateKernel({.graph = graph_, .node = node, .layout = step.layout, .strict_precision = options_.strict_precision}));
  step.kernel = kernel.get();
  program_->kernels.push_back(std::move(kernel));
  ReleasePackedConstants(node, *step.kernel);
  const int rank = node.outputs.empty() || node.outputs[0] == kNoValue ? -1 : RankOf(node.outputs[0]);
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const ValueId id = node.outputs[i];
    const bool in_layout = i == 0 || (!prefers && id != kNoValue && RankOf(id) == rank);
    step.outputs.push_back(id == kNoValue ? kNoSlot : AddSlot(id, in_layout ? step.layout : Layout::kDefault, Slot::Origin::kComputed));
  }
  program_->steps.push_back(std::move(step));
  return OkStatus();
}

// What all readers have packed by now goes at once: its memory serves the next one.
void Lowering::ReleasePackedConstants(const Node& node, const Kernel& kernel) {
  for (const ValueId id : std::set<ValueId>(node.inputs.begin(), node.inputs.end())) {
    const Tensor* constant = graph_.ConstantTensor(id);
    if (constant == nullptr || graph_.IsOutput(id) || std::ranges::find(node.captures, id) != node.captures.end()) continue;
    bool packed = true;
    for (size_t i = 0; i < node.inputs.size(); ++i) packed = packed && (node.inputs[i] != id || kernel.OwnsConstant(static_cast<int>(i)));
    if (!packed || ++packed_by_[static_cast<size_t>(id)] < graph_.value(id).consumers.size()) continue;
    DropMappedPages(constant->raw(), static_cast<size_t>(constant->byte_size()));
    for (auto slot = slots_.lower_bound({id, Layout{}, std::numeric_limits<int>::min()});
         slot != slots_.end() && std::get<0>(slot->first) == id; ++slot) {
      program_->slots[static_cast<size_t>(slot->second)].constant = Value();
    }
    graph_.mutable_value(id).constant.reset();
  }
}

// Constants that every reader has packed for itself need not be kept.
void Lowering::DropPackedConstants() {
  std::vector<bool> needed(program_->slots.size(), false);
  for (const Step& step : program_->steps) {
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      if (step.inputs[i] == kNoSlot) continue;
      if (step.kernel == nullptr || !step.kernel->OwnsConstant(static_cast<int>(i))) needed[static_cast<size_t>(step.inputs[i])] = true;
    }
    for (const auto& captures : step.body_captures) {
      for (SlotId slot : captures) needed[static_cast<size_t>(slot)] = true;
    }
  }
  for (SlotId slot : program_->outputs) needed[static_cast<size_t>(slot)] = true;
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!needed[i]) program_->slots[i].constant = Value();
  }
}

Result<std::unique_ptr<Program>> Lowering::Run() {
  program_->graph = &graph_;
  for (ValueId id : graph_.inputs) program_->inputs.push_back(AddSlot(id, Layout::kDefault, Slot::Origin::kInput));
  for (const Graph::Capture& capture : graph_.captures) {
    program_->captures.push_back(AddSlot(capture.inner, Layout::kDefault, Slot::Origin::kCapture));
  }
  std::vector<std::string> problems;
  Code code = Code::kOk;
  for (NodeId id : graph_.TopologicalOrder()) {
    SAMOYED_RETURN_IF_ERROR(PollInterrupt());
    const Status status = LowerNode(graph_.node(id));
    if (status.ok()) continue;
    // What no provider takes is gathered, so that one message names all of it.
    if (status.code() != Code::kUnsupported || problems.size() == kMaxProblems) return status.At(graph_.node(id).name);
    code = status.code();
    problems.push_back(status.ToString());
    for (ValueId out : graph_.node(id).outputs) {
      if (out != kNoValue) AddSlot(out, Layout::kDefault, Slot::Origin::kComputed);
    }
  }
  if (!problems.empty()) return Status(code, StrJoin(problems, "\n"));
  for (ValueId id : graph_.outputs) {
    SAMOYED_ASSIGN_OR_RETURN(const SlotId slot, SlotOf(id, Layout::kDefault));
    program_->outputs.push_back(slot);
  }
  program_->bodies.resize(static_cast<size_t>(graph_.num_node_slots()));
  DropPackedConstants();
  return std::move(program_);
}

template <typename Count>
int64_t SumBodies(const Program& program, Count count) {
  int64_t total = 0;
  for (const auto& of_node : program.bodies) {
    for (const auto& body : of_node) total += count(*body);
  }
  return total;
}

}  // namespace

int64_t Program::ConstantBytes() const {
  int64_t total = SumBodies(*this, [](const Program& body) { return body.ConstantBytes(); });
  for (const Slot& slot : slots) {
    if (slot.constant.is_tensor()) total += slot.constant.tensor().byte_size();
  }
  return total;
}

int64_t Program::PackedBytes() const {
  int64_t total = SumBodies(*this, [](const Program& body) { return body.PackedBytes(); });
  for (const auto& kernel : kernels) total += kernel->PackedBytes();
  return total;
}

Result<std::unique_ptr<Program>> Compile(Graph& graph, const CompileOptions& options) { return Lowering(graph, options, 0).Run(); }

std::vector<int> AxisOrder(Layout layout, int rank) {
  std::vector<int> order;
  if (layout == Layout::kDefault || rank < 3) {
    for (int i = 0; i < rank; ++i) order.push_back(i);
    return order;
  }
  order.push_back(0);
  for (int i = 2; i < rank; ++i) order.push_back(i);
  order.push_back(1);
  return order;
}

Shape PhysicalShape(const Shape& logical, Layout layout) {
  if (layout == Layout::kDefault || logical.rank() < 3) return logical;
  Shape out = logical;
  for (int i = 2; i < logical.rank(); ++i) out[i - 1] = logical[i];
  out[logical.rank() - 1] = logical[1];
  return out;
}

Shape LogicalShape(const Shape& physical, Layout layout) {
  if (layout == Layout::kDefault || physical.rank() < 3) return physical;
  Shape out = physical;
  for (int i = 2; i < physical.rank(); ++i) out[i] = physical[i - 1];
  out[1] = physical[physical.rank() - 1];
  return out;
}

bool IsRelabelling(std::span<const int> perm, const Shape& shape) {
  int last = -1;
  for (int axis : perm) {
    if (shape[axis] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

}  // namespace samoyed
