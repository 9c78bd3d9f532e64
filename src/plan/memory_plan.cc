#include "plan/memory_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "tensor/permute.h"

namespace samoyed {
namespace {

constexpr int kForever = std::numeric_limits<int>::max();
constexpr int kNever = -1;
constexpr int64_t kAlign = static_cast<int64_t>(Tensor::kAlignment);

// Slots that share one buffer: a value, its views, and what is written over it.
struct Group {
  SlotPlan::Storage storage = SlotPlan::Storage::kArena;
  SlotId root = kNoSlot;
  int output = -1;
  int64_t bytes = 0;
  int first = 0, last = kNever;
};

class Planner {
 public:
  Planner(const Program& program, std::span<const Type> types, int threads) : program_(program), types_(types), threads_(threads) {}
  Result<MemoryPlan> Run();

 private:
  void FindLastUses();
  Status SizeSlots();
  void GroupSlots();
  void GroupStep(int at);
  bool TryAlias(SlotId out, SlotId in);
  bool MayOverwrite(int at, const Step& step, size_t input, SlotId out) const;
  void AssignOutputs();
  Status AssignArena();
  void AssignReleases();
  Result<int64_t> ScratchOf(const Step& step) const;

  const Slot& slot(SlotId id) const { return program_.slots[static_cast<size_t>(id)]; }
  SlotPlan& plan(SlotId id) { return out_.slots[static_cast<size_t>(id)]; }
  const SlotPlan& plan(SlotId id) const { return out_.slots[static_cast<size_t>(id)]; }
  bool known(SlotId id) const { return bytes_[static_cast<size_t>(id)] >= 0; }
  int group_of(SlotId id) const { return groups_of_[static_cast<size_t>(id)]; }
  void Join(SlotId id, int group);

  const Program& program_;
  std::span<const Type> types_;
  int threads_;
  MemoryPlan out_;
  std::vector<int> last_use_;      // by slot: the last step that reads it; kForever for graph outputs
  std::vector<int64_t> bytes_;     // by slot; -1: unknown
  std::vector<int> groups_of_;     // by slot; -1: none
  std::vector<Group> groups_;
};

void Planner::FindLastUses() {
  last_use_.assign(program_.slots.size(), kNever);
  for (size_t at = 0; at < program_.steps.size(); ++at) {
    const Step& step = program_.steps[at];
    for (SlotId in : step.inputs) {
      if (in != kNoSlot) last_use_[static_cast<size_t>(in)] = static_cast<int>(at);
    }
    for (const auto& captures : step.body_captures) {
      for (SlotId in : captures) last_use_[static_cast<size_t>(in)] = static_cast<int>(at);
    }
  }
  for (SlotId id : program_.outputs) last_use_[static_cast<size_t>(id)] = kForever;
}

Status Planner::SizeSlots() {
  bytes_.assign(program_.slots.size(), -1);
  for (size_t i = 0; i < program_.slots.size(); ++i) {
    const Slot& s = program_.slots[i];
    SlotPlan& p = out_.slots[i];
    if (s.constant.is_tensor()) {
      p.dtype = s.constant.tensor().dtype();
      p.shape = s.constant.tensor().shape();
    } else {
      if (s.origin == Slot::Origin::kConstant || static_cast<size_t>(s.value) >= types_.size()) continue;
      const Type& type = types_[static_cast<size_t>(s.value)];
      const auto shape = type.is_tensor() ? type.concrete_shape() : std::nullopt;
      if (!shape) continue;
      p.dtype = type.dtype;
      p.shape = PhysicalShape(*shape, s.layout);
    }
    if (BitWidth(p.dtype) == 0) continue;  // strings and the undefined
    SAMOYED_ASSIGN_OR_RETURN(const int64_t count, p.shape.CheckedNumElements());
    const auto bits = CheckedMul<int64_t>(count, BitWidth(p.dtype));
    if (!bits || *bits > (int64_t{1} << 50)) return LimitExceeded("a value of shape ", p.shape.ToString(), " does not fit into memory");
    bytes_[i] = ByteSize(p.dtype, count);
  }
  return OkStatus();
}

void Planner::Join(SlotId id, int group) {
  groups_of_[static_cast<size_t>(id)] = group;
  Group& g = groups_[static_cast<size_t>(group)];
  g.last = std::max(g.last, last_use_[static_cast<size_t>(id)]);
}

// Makes `out` another name of `in`'s bytes.
bool Planner::TryAlias(SlotId out, SlotId in) {
  if (out == kNoSlot || in == kNoSlot || !known(out) || !known(in) || group_of(in) < 0) return false;
  if (bytes_[static_cast<size_t>(out)] != bytes_[static_cast<size_t>(in)] || plan(out).dtype != plan(in).dtype) return false;
  Join(out, group_of(in));
  return true;
}

// Nobody else may need what output 0 is written over: not a later step, and no other input of this one.
bool Planner::MayOverwrite(int at, const Step& step, size_t input, SlotId out) const {
  if (input >= step.inputs.size() || (step.in_place >> input & 1) == 0) return false;
  const SlotId in = step.inputs[input];
  if (in == kNoSlot || !known(in) || group_of(in) < 0 || bytes_[static_cast<size_t>(in)] != bytes_[static_cast<size_t>(out)]) return false;
  const Group& g = groups_[static_cast<size_t>(group_of(in))];
  if (g.storage != SlotPlan::Storage::kArena || g.last != at) return false;
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    const SlotId other = step.inputs[i];
    if (i != input && other != kNoSlot && other != in && group_of(other) == group_of(in)) return false;
  }
  return plan(in).shape == plan(out).shape;
}

void Planner::GroupStep(int at) {
  const Step& step = program_.steps[static_cast<size_t>(at)];
  StepPlan& step_plan = out_.steps[static_cast<size_t>(at)];
  const SlotId in = step.inputs.empty() ? kNoSlot : step.inputs[0];
  const SlotId out = step.outputs.empty() ? kNoSlot : step.outputs[0];
  const bool relabels = step.kind == Step::Kind::kPermute && known(in) && IsRelabelling(step.perm, plan(in).shape);
  if ((step.view || relabels) && TryAlias(out, in)) {
    step_plan.skip = true;
    return;
  }
  for (size_t k = 0; k < step.outputs.size(); ++k) {
    const SlotId id = step.outputs[k];
    if (id == kNoSlot || !known(id)) continue;
    if (k == 0) {
      if (MayOverwrite(at, step, 0, id)) {
        Join(id, group_of(step.inputs[0]));
        continue;
      }
      if (MayOverwrite(at, step, 1, id)) {
        Join(id, group_of(step.inputs[1]));
        continue;
      }
    }
    groups_.push_back({SlotPlan::Storage::kArena, id, -1, bytes_[static_cast<size_t>(id)], at, at});
    Join(id, static_cast<int>(groups_.size()) - 1);
  }
}

void Planner::GroupSlots() {
  groups_of_.assign(program_.slots.size(), -1);
  for (size_t i = 0; i < program_.slots.size(); ++i) {
    const Slot::Origin origin = program_.slots[i].origin;
    const auto id = static_cast<SlotId>(i);
    if (origin == Slot::Origin::kComputed) continue;
    const auto storage = origin == Slot::Origin::kConstant ? SlotPlan::Storage::kConstant : SlotPlan::Storage::kInput;
    groups_.push_back({storage, id, -1, 0, 0, kForever});
    Join(id, static_cast<int>(groups_.size()) - 1);
  }
  for (size_t at = 0; at < program_.steps.size(); ++at) GroupStep(static_cast<int>(at));
}

// A group that holds a graph output is that output's buffer. Of two outputs in one group the second is copied at the
// end of the run, as are outputs that are inputs or constants.
void Planner::AssignOutputs() {
  for (size_t i = 0; i < program_.outputs.size(); ++i) {
    const int group = group_of(program_.outputs[i]);
    if (group < 0) continue;
    out_.output_bytes += bytes_[static_cast<size_t>(program_.outputs[i])] > 0 ? bytes_[static_cast<size_t>(program_.outputs[i])] : 0;
    Group& g = groups_[static_cast<size_t>(group)];
    if (g.storage != SlotPlan::Storage::kArena) continue;
    g.storage = SlotPlan::Storage::kOutput;
    g.output = static_cast<int>(i);
  }
}

Result<int64_t> Planner::ScratchOf(const Step& step) const {
  if (step.kernel == nullptr) return int64_t{0};
  std::vector<Shape> shapes(step.inputs.size());
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    const SlotId id = step.inputs[i];
    if (id == kNoSlot) continue;
    // A packed constant is gone, but its shape is still known from its type.
    const Slot& s = slot(id);
    if (known(id)) {
      shapes[i] = plan(id).shape;
      continue;
    }
    const auto shape = s.origin == Slot::Origin::kConstant ? program_.graph->value(s.value).type.concrete_shape() : std::nullopt;
    if (!shape) return int64_t{-1};
    shapes[i] = PhysicalShape(*shape, s.layout);
  }
  return step.kernel->ScratchBytes(shapes, threads_);
}

Status Planner::AssignArena() {
  std::vector<ArenaBlock> blocks;
  std::vector<int> block_of_group(groups_.size(), -1), block_of_step(program_.steps.size(), -1);
  for (size_t i = 0; i < groups_.size(); ++i) {
    const Group& g = groups_[i];
    if (g.storage != SlotPlan::Storage::kArena) continue;
    block_of_group[i] = static_cast<int>(blocks.size());
    blocks.push_back({g.bytes, g.first, std::max(g.first, g.last), 0});
  }
  for (size_t at = 0; at < program_.steps.size(); ++at) {
    if (out_.steps[at].skip) {
      out_.steps[at].scratch_bytes = 0;
      continue;
    }
    SAMOYED_ASSIGN_OR_RETURN(out_.steps[at].scratch_bytes, ScratchOf(program_.steps[at]));
    if (out_.steps[at].scratch_bytes <= 0) continue;
    block_of_step[at] = static_cast<int>(blocks.size());
    blocks.push_back({out_.steps[at].scratch_bytes, static_cast<int>(at), static_cast<int>(at), 0});
  }
  SAMOYED_ASSIGN_OR_RETURN(out_.arena_bytes, PlaceBlocks(blocks));
  for (size_t i = 0; i < out_.slots.size(); ++i) {
    const int group = groups_of_[i];
    if (group < 0) continue;
    const Group& g = groups_[static_cast<size_t>(group)];
    out_.slots[i].storage = g.storage;
    out_.slots[i].root = g.root;
    out_.slots[i].output = g.output;
    const int block = block_of_group[static_cast<size_t>(group)];
    if (block >= 0) out_.slots[i].offset = blocks[static_cast<size_t>(block)].offset;
  }
  for (size_t at = 0; at < block_of_step.size(); ++at) {
    if (block_of_step[at] >= 0) out_.steps[at].scratch_offset = blocks[static_cast<size_t>(block_of_step[at])].offset;
  }
  return OkStatus();
}

void Planner::AssignReleases() {
  out_.release.resize(program_.steps.size());
  for (size_t at = 0; at < program_.steps.size(); ++at) {
    for (SlotId id : program_.steps[at].outputs) {
      if (id == kNoSlot || plan(id).storage != SlotPlan::Storage::kHeap) continue;
      ++out_.dynamic_values;
      const int last = last_use_[static_cast<size_t>(id)];
      if (last != kForever) out_.release[static_cast<size_t>(std::max(last, static_cast<int>(at)))].push_back(id);
    }
  }
}

Result<MemoryPlan> Planner::Run() {
  out_.slots.resize(program_.slots.size());
  out_.steps.resize(program_.steps.size());
  FindLastUses();
  SAMOYED_RETURN_IF_ERROR(SizeSlots());
  GroupSlots();
  AssignOutputs();
  SAMOYED_RETURN_IF_ERROR(AssignArena());
  AssignReleases();
  return std::move(out_);
}

}  // namespace

Result<int64_t> PlaceBlocks(std::span<ArenaBlock> blocks) {
  std::vector<size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return blocks[a].bytes > blocks[b].bytes; });
  std::vector<size_t> placed;  // by offset
  int64_t total = 0;
  for (size_t id : order) {
    ArenaBlock& block = blocks[id];
    const auto rounded = CheckedAdd<int64_t>(block.bytes, kAlign - 1);
    if (block.bytes < 0 || !rounded) return LimitExceeded("a buffer of ", block.bytes, " bytes does not fit into memory");
    const int64_t bytes = *rounded / kAlign * kAlign;
    int64_t end = 0, best = -1, best_gap = std::numeric_limits<int64_t>::max();
    for (size_t other_id : placed) {
      const ArenaBlock& other = blocks[other_id];
      if (other.last < block.first || block.last < other.first) continue;
      const int64_t gap = other.offset - end;
      if (gap >= bytes && gap < best_gap) {
        best = end;
        best_gap = gap;
      }
      end = std::max(end, other.offset + (other.bytes + kAlign - 1) / kAlign * kAlign);
    }
    block.offset = best >= 0 ? best : end;
    const auto block_end = CheckedAdd(block.offset, bytes);
    if (!block_end || *block_end > (int64_t{1} << 47)) return LimitExceeded("the working memory does not fit into the address space");
    total = std::max(total, *block_end);
    placed.insert(std::ranges::upper_bound(placed, block.offset, {}, [&](size_t p) { return blocks[p].offset; }), id);
  }
  return total;
}

Result<MemoryPlan> PlanMemory(const Program& program, std::span<const Type> types, int threads) {
  return Planner(program, types, threads).Run();
}

}  // namespace samoyed
