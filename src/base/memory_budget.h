// How much memory a piece of work may hold at once, counted where tensors are made.
#ifndef SAMOYED_BASE_MEMORY_BUDGET_H_
#define SAMOYED_BASE_MEMORY_BUDGET_H_

#include <atomic>
#include <cstdint>
#include <memory>

namespace samoyed {

class MemoryBudget {
 public:
  explicit MemoryBudget(int64_t bytes) : limit_(bytes), left_(bytes) {}
  // False, and nothing is taken, where less is left.
  bool Take(int64_t bytes);
  void Give(int64_t bytes) { left_.fetch_add(bytes, std::memory_order_relaxed); }
  int64_t limit() const { return limit_; }

 private:
  const int64_t limit_;
  std::atomic<int64_t> left_;
};

// While an object of this type lives, what its thread allocates as tensors is taken from the budget, and given back when a
// tensor's buffer goes, wherever that is. Scopes nest; the innermost counts.
class MemoryScope {
 public:
  explicit MemoryScope(std::shared_ptr<MemoryBudget> budget);
  ~MemoryScope();
  MemoryScope(const MemoryScope&) = delete;
  MemoryScope& operator=(const MemoryScope&) = delete;

 private:
  std::shared_ptr<MemoryBudget> budget_;
  MemoryScope* outer_;
  friend const std::shared_ptr<MemoryBudget>& CurrentMemoryBudget();
};

// Of this thread's innermost scope; null where there is none.
const std::shared_ptr<MemoryBudget>& CurrentMemoryBudget();

// Bytes that this process may hope for: the machine's memory, or the limit of its control group where that is less.
int64_t AvailableMemory();

}  // namespace samoyed

#endif  // SAMOYED_BASE_MEMORY_BUDGET_H_
