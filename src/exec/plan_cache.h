// Memory plans of a program, one for each set of input shapes, the least recently used dropped.
#ifndef SAMOYED_EXEC_PLAN_CACHE_H_
#define SAMOYED_EXEC_PLAN_CACHE_H_

#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "exec/frame.h"
#include "plan/memory_plan.h"
#include "plan/program.h"

namespace samoyed {

// What a plan depends on.
struct InputKey {
  DType dtype = DType::kUndefined;  // kUndefined: not a tensor
  Shape shape;
  bool Matches(const Value& value) const;
};

// A plan with its frames.
class PreparedRun {
 public:
  PreparedRun(const Program& program, std::vector<InputKey> key, MemoryPlan plan)
      : key_(std::move(key)), plan_(std::move(plan)), frames_(program, plan_) {}
  const std::vector<InputKey>& key() const { return key_; }
  const MemoryPlan& plan() const { return plan_; }
  FramePool& frames() { return frames_; }

 private:
  std::vector<InputKey> key_;
  MemoryPlan plan_;
  FramePool frames_;
};

class PlanCache {
 public:
  // `max_memory` bounds constants, packed weights, arena and outputs together; 0: no bound.
  PlanCache(const Program& program, int threads, int capacity, int64_t max_memory)
      : program_(program), threads_(threads), capacity_(static_cast<size_t>(capacity < 1 ? 1 : capacity)), max_memory_(max_memory) {}

  // The plan for these inputs, made if need be. Errors: over max_memory.
  Result<std::shared_ptr<PreparedRun>> For(std::span<const Value> inputs);
  // A plan for inputs of these types that is not kept.
  Result<MemoryPlan> PlanFor(std::span<const Type> inputs) const;
  Status CheckLimit(const MemoryPlan& plan) const;

 private:
  std::shared_ptr<PreparedRun> Find(std::span<const Value> inputs);

  const Program& program_;
  int threads_;
  size_t capacity_;
  int64_t max_memory_;
  std::mutex mutex_;
  std::list<std::shared_ptr<PreparedRun>> recent_;  // most recently used first
};

}  // namespace samoyed

#endif  // SAMOYED_EXEC_PLAN_CACHE_H_
