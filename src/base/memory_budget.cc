#include "base/memory_budget.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

namespace samoyed {
namespace {

thread_local MemoryScope* t_scope = nullptr;
const std::shared_ptr<MemoryBudget> kNone;

}  // namespace

bool MemoryBudget::Take(int64_t bytes) {
  if (left_.fetch_sub(bytes, std::memory_order_relaxed) >= bytes) return true;
  Give(bytes);
  return false;
}

MemoryScope::MemoryScope(std::shared_ptr<MemoryBudget> budget) : budget_(std::move(budget)), outer_(t_scope) { t_scope = this; }
MemoryScope::~MemoryScope() { t_scope = outer_; }

const std::shared_ptr<MemoryBudget>& CurrentMemoryBudget() { return t_scope == nullptr ? kNone : t_scope->budget_; }

int64_t AvailableMemory() {
  static const int64_t bytes = [] {
    const int64_t pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
    int64_t least = pages > 0 && page > 0 ? pages * page : INT64_MAX;
    for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
      std::ifstream file(path);
      std::string text;
      if (!(file >> text)) continue;
      const int64_t limit = std::strtoll(text.c_str(), nullptr, 10);  // "max" is 0
      if (limit > 0) least = std::min(least, limit);
    }
    return least;
  }();
  return bytes;
}

}  // namespace samoyed
