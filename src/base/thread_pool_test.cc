#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <new>
#include <set>
#include <thread>
#include <vector>

namespace samoyed {
namespace {

TEST(ThreadPool, EveryIndexOnce) {
  for (int threads : {1, 2, 5}) {
    for (int64_t n : {0, 1, 7, 1000}) {
      std::vector<std::atomic<int>> hits(static_cast<size_t>(n));
      ThreadPool::Get().ParallelFor(threads, n, 3, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) ++hits[static_cast<size_t>(i)];
      });
      for (auto& h : hits) ASSERT_EQ(h, 1);
    }
  }
}

TEST(ThreadPool, PiecesDoNotDependOnTheThreads) {
  const auto pieces = [](int threads) {
    std::mutex mutex;
    std::set<std::pair<int64_t, int64_t>> seen;
    ThreadPool::Get().ParallelFor(threads, 12345, 10, [&](int64_t begin, int64_t end) {
      const std::lock_guard lock(mutex);
      seen.emplace(begin, end);
    });
    return seen;
  };
  EXPECT_EQ(pieces(1), pieces(4));
}

TEST(ThreadPool, NestedAndConcurrentLoops) {
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([&] {
      const ThreadPool::RunScope scope(3);
      for (int r = 0; r < 50; ++r) {
        ThreadPool::Get().ParallelFor(3, 16, 1, [&](int64_t begin, int64_t end) {
          ThreadPool::Get().ParallelFor(3, end - begin, 1, [&](int64_t b, int64_t e) { sum += e - b; });
        });
      }
    });
  }
  for (auto& t : callers) t.join();
  EXPECT_EQ(sum, 4 * 50 * 16);
}

TEST(ThreadPool, WhatABodyThrowsReachesTheCallerAndTheNextLoopRuns) {
  for (int threads : {1, 2, 5}) {
    for (int64_t bad : {0, 13, 39}) {
      const auto throws = [&](int64_t begin, int64_t end) {
        if (begin <= bad && bad < end) throw std::bad_alloc();
      };
      EXPECT_THROW(ThreadPool::Get().ParallelFor(threads, 40, 1, throws), std::bad_alloc);
    }
    std::atomic<int64_t> sum{0};
    ThreadPool::Get().ParallelFor(threads, 40, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
    EXPECT_EQ(sum, 40);
  }
}

TEST(AvailableCpus, IsAtLeastOne) { EXPECT_GE(AvailableCpus(), 1); }

}  // namespace
}  // namespace samoyed
