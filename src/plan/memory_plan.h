// Where every value of a program lies in memory when the shapes of its inputs are known.
#ifndef SAMOYED_PLAN_MEMORY_PLAN_H_
#define SAMOYED_PLAN_MEMORY_PLAN_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "plan/program.h"
#include "tensor/type.h"

namespace samoyed {

struct SlotPlan {
  enum class Storage : uint8_t {
    kHeap,      // shape unknown (or strings, sequences, ...): allocated when it is made, freed after its last use
    kArena,     // at `offset`
    kOutput,    // in the buffer of graph output `output`
    kInput,     // the input (or capture) slot `root` itself, perhaps under another shape
    kConstant,  // the constant slot `root` itself, perhaps under another shape
  };
  Storage storage = Storage::kHeap;
  SlotId root = kNoSlot;
  int output = -1;
  int64_t offset = 0;
  DType dtype = DType::kUndefined;
  Shape shape;  // as stored; only where storage is not kHeap
};

struct StepPlan {
  bool skip = false;           // its output is its input: nothing to do
  int64_t scratch_offset = 0;  // in the arena
  int64_t scratch_bytes = -1;  // -1: not known before the run
};

struct MemoryPlan {
  std::vector<SlotPlan> slots;
  std::vector<StepPlan> steps;
  std::vector<std::vector<SlotId>> release;  // by step: heap values that nobody reads after it
  int64_t arena_bytes = 0;
  int64_t output_bytes = 0;
  int dynamic_values = 0;  // heap values
  bool exact() const { return dynamic_values == 0; }
};

// `types` are those of the graph's values, by number, as inferred for the run's inputs; an empty span plans for a run
// in which nothing is known (every value on the heap). Errors: sizes that do not fit in 64 bits.
Result<MemoryPlan> PlanMemory(const Program& program, std::span<const Type> types, int threads);

// A buffer that is needed from step `first` to step `last`, both included.
struct ArenaBlock {
  int64_t bytes = 0;
  int first = 0, last = 0;
  int64_t offset = 0;  // the answer
};

// Gives blocks that live at the same time disjoint, 64-byte aligned places; returns the size of the arena. Largest
// first, each into the tightest gap (the greedy-by-size of Pisarchyk and Lee, "Efficient Memory Management for Deep Neural
// Net Inference", 2020).
Result<int64_t> PlaceBlocks(std::span<ArenaBlock> blocks);

}  // namespace samoyed

#endif  // SAMOYED_PLAN_MEMORY_PLAN_H_
