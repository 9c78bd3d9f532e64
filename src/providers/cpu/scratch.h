// A kernel's scratch memory shared out among the threads that work on it.
#ifndef SAMOYED_PROVIDERS_CPU_SCRATCH_H_
#define SAMOYED_PROVIDERS_CPU_SCRATCH_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/checked.h"

namespace samoyed::cpu {

inline constexpr int64_t kScratchAlign = 64;
inline int64_t AlignScratch(int64_t bytes) { return (bytes + kScratchAlign - 1) / kScratchAlign * kScratchAlign; }

// A product of sizes that a model chooses: where it does not fit it is more than any memory plan grants, and the plan says so.
inline constexpr int64_t kTooMuchScratch = int64_t{1} << 60;
inline int64_t ScratchProduct(int64_t a, int64_t b) { return std::min(CheckedMul(a, b).value_or(kTooMuchScratch), kTooMuchScratch); }

// Equal pieces of a buffer. No more than as many bodies as a run has threads are at work at once, so a piece a thread is enough.
class ScratchSlots {
 public:
  ScratchSlots(std::span<std::byte> memory, int64_t bytes_each) : memory_(memory.data()), bytes_each_(AlignScratch(bytes_each)) {
    count_ = bytes_each_ > 0 ? static_cast<int>(static_cast<int64_t>(memory.size()) / bytes_each_) : 0;
  }
  static int64_t Bytes(int64_t bytes_each, int threads) { return ScratchProduct(AlignScratch(bytes_each), threads); }

  // One piece, held as long as this object lives.
  class Lease {
   public:
    explicit Lease(ScratchSlots& slots) : slots_(slots), index_(slots.Take()) {}
    ~Lease() { slots_.Give(index_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    std::byte* data() const { return slots_.memory_ + index_ * slots_.bytes_each_; }
    float* floats() const { return reinterpret_cast<float*>(data()); }

   private:
    ScratchSlots& slots_;
    int index_;
  };

 private:
  static constexpr int kWords = 16;  // as many threads as the pool may have

  int Take() {
    for (;;) {
      for (int w = 0; w * 64 < count_; ++w) {
        uint64_t used = used_[w].load(std::memory_order_relaxed);
        while (~used != 0) {
          const int bit = __builtin_ctzll(~used);
          if (w * 64 + bit >= count_) break;
          if (used_[w].compare_exchange_weak(used, used | (uint64_t{1} << bit), std::memory_order_acquire, std::memory_order_relaxed))
            return w * 64 + bit;
        }
      }
    }
  }
  void Give(int index) { used_[index / 64].fetch_and(~(uint64_t{1} << (index % 64)), std::memory_order_release); }

  std::byte* memory_;
  int64_t bytes_each_;
  int count_;
  std::atomic<uint64_t> used_[kWords] = {};
};

}  // namespace samoyed::cpu

#endif  // SAMOYED_PROVIDERS_CPU_SCRATCH_H_
