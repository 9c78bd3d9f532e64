#include "base/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace samoyed {
namespace {

constexpr int kMaxThreads = 1024;
constexpr int64_t kMaxPieces = 256;  // fixed: pieces must not depend on the number of threads
constexpr int kSpins = 2000;         // some microseconds: longer than the gap between two kernels of a run

// "quota period" of cgroup v2's cpu.max or the two files of v1, as processors; 0 where there is no limit.
int CgroupLimit() {
  double quota = -1, period = 0;
  if (std::FILE* f = std::fopen("/sys/fs/cgroup/cpu.max", "re")) {
    if (std::fscanf(f, "%lf %lf", &quota, &period) != 2) quota = -1;  // "max 100000"
    std::fclose(f);
  } else {
    for (auto [path, value] :
         {std::pair("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", &quota), std::pair("/sys/fs/cgroup/cpu/cpu.cfs_period_us", &period)}) {
      if (std::FILE* v1 = std::fopen(path, "re")) {
        if (std::fscanf(v1, "%lf", value) != 1) *value = -1;
        std::fclose(v1);
      }
    }
  }
  return quota > 0 && period > 0 ? std::max(1, static_cast<int>(quota / period + 0.999)) : 0;
}

thread_local bool t_inside = false;  // this thread is running a piece: a nested loop stays on it

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// One loop: its pieces are taken by whoever is free. It lives on its caller's stack until `workers` is 0.
struct Loop {
  Loop(FunctionRef<void(int64_t, int64_t)> b, int64_t count, int64_t p) : body(b), n(count), piece(p), pieces((count + p - 1) / p) {}

  FunctionRef<void(int64_t, int64_t)> body;
  int64_t n, piece, pieces;
  std::atomic<int64_t> next{0};
  int seats = 0;                // workers that may still join; under the pool's lock
  std::atomic<int> workers{0};  // workers inside; more only under the pool's lock, none once the loop is closed
  std::atomic<bool> failed{false};
  std::exception_ptr failure;  // the first exception of a body; written by the thread that set `failed`

  // Exceptions (memory that ran out) stay in the loop, which must outlive its workers; its caller throws the first one again.
  void Work() noexcept {
    t_inside = true;
    try {
      for (int64_t i = next.fetch_add(1, std::memory_order_relaxed); i < pieces; i = next.fetch_add(1, std::memory_order_relaxed)) {
        body(i * piece, std::min(n, (i + 1) * piece));
      }
    } catch (...) {
      next.store(pieces, std::memory_order_relaxed);  // the rest is not begun
      if (!failed.exchange(true, std::memory_order_relaxed)) failure = std::current_exception();
    }
    t_inside = false;
  }
};

}  // namespace

int AvailableCpus() {
  static const int count = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : static_cast<int>(std::thread::hardware_concurrency());
    if (const int limit = CgroupLimit(); limit > 0) cpus = std::min(cpus, limit);
    return std::max(1, cpus);
  }();
  return count;
}

struct ThreadPool::Impl {
  std::mutex mutex;
  std::condition_variable wake;      // workers wait here for loops
  std::condition_variable finished;  // callers wait here for their workers
  std::vector<Loop*> open;           // loops with pieces and seats left
  std::atomic<int> open_count{0};    // what spinning workers look at
  std::atomic<int> scopes{0};        // RunScopes alive: workers spin before they sleep
  int started = 0;

  void Grow(int workers) {
    for (; started < std::min(workers, kMaxThreads); ++started) std::thread([this] { Worker(); }).detach();
  }

  void Worker() {
    std::unique_lock lock(mutex);
    while (true) {
      if (open.empty()) {
        if (scopes.load(std::memory_order_relaxed) > 0) {
          lock.unlock();
          for (int i = 0; i < kSpins && open_count.load(std::memory_order_relaxed) == 0; ++i) Pause();
          lock.lock();
        }
        wake.wait(lock, [this] { return !open.empty(); });
      }
      Loop* loop = open.back();
      if (--loop->seats == 0) Close(loop);
      loop->workers.fetch_add(1, std::memory_order_relaxed);
      lock.unlock();
      loop->Work();
      lock.lock();
      Close(loop);                                                                            // no pieces left
      if (loop->workers.fetch_sub(1, std::memory_order_release) == 1) finished.notify_all();  // the loop may be gone
    }
  }

  // Where there is no memory for threads or for the list, the caller does the work with those that are there, or alone.
  void Open(Loop* loop, int helpers) noexcept {
    const std::lock_guard lock(mutex);
    try {
      Grow(helpers);
    } catch (const std::exception&) {
    }
    if (started == 0) return;
    try {
      open.push_back(loop);
    } catch (const std::bad_alloc&) {
      return;
    }
    loop->seats = helpers;
    open_count.fetch_add(1, std::memory_order_relaxed);
  }

  void Close(Loop* loop) {
    if (std::erase(open, loop) > 0) open_count.fetch_sub(1, std::memory_order_relaxed);
  }
};

ThreadPool::ThreadPool() : impl_(new Impl) {}

ThreadPool& ThreadPool::Get() {
  static ThreadPool* pool = new ThreadPool;  // never destroyed: its threads may outlive static destruction
  return *pool;
}

void ThreadPool::ParallelFor(int threads, int64_t n, int64_t grain, FunctionRef<void(int64_t, int64_t)> body) {
  if (n <= 0) return;
  const int64_t piece = std::max<int64_t>({1, grain, (n + kMaxPieces - 1) / kMaxPieces});
  Loop loop(body, n, piece);
  const auto helpers = static_cast<int>(std::min<int64_t>(threads, loop.pieces)) - 1;
  if (helpers <= 0 || t_inside) {
    for (int64_t begin = 0; begin < n; begin += piece) body(begin, std::min(n, begin + piece));
    return;
  }
  impl_->Open(&loop, helpers);
  if (helpers == 1) {
    impl_->wake.notify_one();
  } else {
    impl_->wake.notify_all();
  }
  loop.Work();
  std::unique_lock lock(impl_->mutex);
  impl_->Close(&loop);
  lock.unlock();
  // Workers are about to end: to sleep and be woken takes longer than what they still do.
  const auto ended = [&] { return loop.workers.load(std::memory_order_acquire) == 0; };
  for (int i = 0; i < kSpins && !ended(); ++i) Pause();
  if (!ended()) {
    lock.lock();
    impl_->finished.wait(lock, ended);
    lock.unlock();
  }
  if (loop.failure != nullptr) std::rethrow_exception(loop.failure);
}

ThreadPool::RunScope::RunScope(int threads) {
  (void)threads;
  Get().impl_->scopes.fetch_add(1, std::memory_order_relaxed);
}
ThreadPool::RunScope::~RunScope() { Get().impl_->scopes.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace samoyed
