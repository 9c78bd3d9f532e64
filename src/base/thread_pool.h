// One pool of threads a process. The caller works too; threads sleep when there is nothing to do.
#ifndef SAMOYED_BASE_THREAD_POOL_H_
#define SAMOYED_BASE_THREAD_POOL_H_

#include <cstdint>
#include "base/function_ref.h"

namespace samoyed {

// Processors this process may use: the affinity mask and the cgroup's CPU limit, at least 1.
int AvailableCpus();

class ThreadPool {
 public:
  // The process's pool; grown on demand to the largest number of threads that anyone asks for.
  static ThreadPool& Get();

  // Calls body(begin, end) for consecutive pieces of [0, n), each of at least `grain` and all but the last of
  // the same size, on at most `threads` threads (the caller among them); returns when all have ended.
  // Where pieces end depends on n and grain alone, so results do not depend on `threads`. May be
  // called from inside a body: the inner call then runs on its caller alone. What a body throws (std::bad_alloc) comes out here, after
  // all threads have left the loop; pieces that had not begun are left out then.
  void ParallelFor(int threads, int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body);

  // While an object of this type lives, waiting workers spin for some microseconds before they sleep.
  class RunScope {
   public:
    explicit RunScope(int threads);
    ~RunScope();
    RunScope(const RunScope&) = delete;
    RunScope& operator=(const RunScope&) = delete;
  };

 private:
  ThreadPool();
  struct Impl;
  Impl* impl_;  // never freed: threads may outlive static destruction
};

}  // namespace samoyed

#endif  // SAMOYED_BASE_THREAD_POOL_H_
