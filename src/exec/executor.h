// Runs a program's steps in order.
#ifndef SAMOYED_EXEC_EXECUTOR_H_
#define SAMOYED_EXEC_EXECUTOR_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/interrupt.h"
#include "base/status.h"
#include "exec/frame.h"
#include "exec/session.h"
#include "plan/program.h"

namespace samoyed {

// A body of a control-flow node, made ready: planned as a program of which no shape is known.
class BodyRunner {
 public:
  static Result<std::unique_ptr<BodyRunner>> Make(const Program& program);
  FramePool& frames() { return frames_; }

 private:
  explicit BodyRunner(const Program& program, MemoryPlan plan) : plan_(std::move(plan)), frames_(program, plan_) {}
  MemoryPlan plan_;
  FramePool frames_;
};

// All bodies of a program, at every depth, by the address of their program.
using BodyRunners = std::map<const Program*, std::unique_ptr<BodyRunner>>;
Status MakeBodyRunners(const Program& program, BodyRunners& runners);

// What holds for a whole run, bodies included.
struct RunState {
  using Clock = Interrupt::Clock;

  const BodyRunners* bodies = nullptr;
  int threads = 1;
  uint64_t seed = 0;  // differs from run to run
  const Interrupt* interrupt = nullptr;
  std::vector<NodeProfile>* profile = nullptr;
  Clock::time_point start;
};

// Runs every step on a frame whose inputs, captures and outputs are bound.
Status RunSteps(Frame& frame, RunState& state, int depth);

}  // namespace samoyed

#endif  // SAMOYED_EXEC_EXECUTOR_H_
