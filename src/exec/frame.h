// The memory of one run: an arena and the values in it, made once for a plan and used again by later runs.
#ifndef SAMOYED_EXEC_FRAME_H_
#define SAMOYED_EXEC_FRAME_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/status.h"
#include "plan/memory_plan.h"
#include "plan/program.h"
#include "tensor/tensor.h"

namespace samoyed {

class Frame {
 public:
  // The program and the plan must outlive the frame.
  static Result<std::unique_ptr<Frame>> Make(const Program& program, const MemoryPlan& plan);

  // Puts the run's inputs and captures (in the program's order) and the buffers of its outputs in place. `outputs` are
  // tensors for those outputs that the plan gives a buffer; others are ignored.
  void Bind(std::span<const Value> inputs, std::span<const Value* const> captures, std::span<const Value> outputs);
  // Forgets what belongs to the run: inputs, outputs, values on the heap.
  void Unbind();

  Value& slot(SlotId id) { return slots_[static_cast<size_t>(id)]; }
  const Program& program() const { return *program_; }
  const MemoryPlan& plan() const { return *plan_; }
  const SlotPlan& slot_plan(SlotId id) const { return plan_->slots[static_cast<size_t>(id)]; }
  std::span<std::byte> arena(int64_t offset, int64_t bytes) { return {arena_ + offset, static_cast<size_t>(bytes)}; }
  // A planned value was replaced by one of another shape or type: the frame must not be used again.
  void set_spoiled() { spoiled_ = true; }
  bool spoiled() const { return spoiled_; }

 private:
  Frame(const Program& program, const MemoryPlan& plan) : program_(&program), plan_(&plan) {}

  const Program* program_;
  const MemoryPlan* plan_;
  std::shared_ptr<const void> arena_owner_;
  std::byte* arena_ = nullptr;
  std::vector<Value> slots_;
  std::vector<SlotId> bound_;  // slots that belong to a run rather than to the frame
  bool spoiled_ = false;
};

// Frames of one plan that no run uses at the moment.
class FramePool {
 public:
  FramePool(const Program& program, const MemoryPlan& plan) : program_(program), plan_(plan) {}
  Result<std::unique_ptr<Frame>> Take();
  void Give(std::unique_ptr<Frame> frame);  // unbinds it

 private:
  const Program& program_;
  const MemoryPlan& plan_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Frame>> free_;
};

}  // namespace samoyed

#endif  // SAMOYED_EXEC_FRAME_H_
