#include "base/interrupt.h"

namespace samoyed {
namespace {

thread_local const Interrupt* t_current = nullptr;
constexpr double kLongest = 1e12;  // milliseconds; about thirty years, and no overflow on the way to a clock's ticks

}  // namespace

void Interrupt::EndIn(double milliseconds) {
  deadline.reset();
  if (!(milliseconds > 0) || milliseconds > kLongest) return;
  deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(milliseconds));
}

Status Interrupt::Poll() const {
  const bool late = deadline && Clock::now() > *deadline;
  if (late || (cancel != nullptr && cancel->load(std::memory_order_relaxed))) over_.store(true, std::memory_order_relaxed);
  if (!over_.load(std::memory_order_relaxed)) return OkStatus();
  return LimitExceeded(work, late ? " took longer than its time limit" : " was cancelled");
}

InterruptScope::InterruptScope(const Interrupt& interrupt) : outer_(t_current) { t_current = &interrupt; }
InterruptScope::~InterruptScope() { t_current = outer_; }

Status PollInterrupt() { return t_current == nullptr ? OkStatus() : t_current->Poll(); }

}  // namespace samoyed
