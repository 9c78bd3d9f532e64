// When a piece of work has to end early: at a moment in time, or when another thread says so.
#ifndef SAMOYED_BASE_INTERRUPT_H_
#define SAMOYED_BASE_INTERRUPT_H_

#include <atomic>
#include <chrono>
#include <optional>

#include "base/status.h"

namespace samoyed {

class Interrupt {
 public:
  using Clock = std::chrono::steady_clock;

  std::string_view work = "the run";  // what the error speaks of
  std::optional<Clock::time_point> deadline;
  const std::atomic<bool>* cancel = nullptr;

  // Sets the deadline, `milliseconds` from now; 0 or less: none.
  void EndIn(double milliseconds);
  // kLimit once the work was cancelled or its time is over, and from then on, whatever becomes of `cancel`: who saw it
  // first may have left its work half done.
  Status Poll() const;

 private:
  mutable std::atomic<bool> over_ = false;
};

// Loading and planning go through layers that each do a bounded piece (inference, passes, packing) and take no options for it:
// while an object of this type lives, PollInterrupt() on the same thread asks its interrupt. Scopes nest; the innermost counts.
class InterruptScope {
 public:
  explicit InterruptScope(const Interrupt& interrupt);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  const Interrupt* outer_;
};

// What the innermost InterruptScope of this thread says; OK where there is none. Cheap enough to be asked once a node.
Status PollInterrupt();

}  // namespace samoyed

#endif  // SAMOYED_BASE_INTERRUPT_H_
