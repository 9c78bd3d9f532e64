#include "providers/cpu/peak.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

#include "base/function_ref.h"
#include "base/thread_pool.h"
#include "providers/cpu/simd/peak.h"
#include "tensor/tensor.h"

namespace samoyed {
namespace {

constexpr int kRepeats = 5;
constexpr int64_t kRounds = 1 << 18;   // some milliseconds a thread
constexpr int64_t kFloats = 16 << 20;  // more than caches hold, mostly
constexpr int64_t kPiece = 256 << 10;

double Fastest(FunctionRef<void()> body) {
  double best = 0;
  for (int i = 0; i < kRepeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    body();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    best = i == 0 ? seconds : std::min(best, seconds);
  }
  return std::max(best, 1e-9);
}

}  // namespace

Result<MachinePeak> MeasurePeak(int threads) {
  const cpu::PeakFns& fns = cpu::PeakFnsFor(CurrentCpuLevel());
  SAMOYED_ASSIGN_OR_RETURN(Tensor memory, Tensor::Allocate(DType::kFloat, Shape({kFloats})));
  auto* floats = memory.mutable_data<float>();
  std::memset(floats, 0, static_cast<size_t>(memory.byte_size()));  // pages that nothing was written to are all the same page
  std::atomic<float> sink = 0;                                      // so that no work is left out
  const ThreadPool::RunScope scope(threads);
  const auto parallel = [&](int64_t n, FunctionRef<void(int64_t, int64_t)> body) { ThreadPool::Get().ParallelFor(threads, n, 1, body); };
  MachinePeak peak;
  const double multiplying =
      Fastest([&] { parallel(threads, [&](int64_t begin, int64_t end) { sink = fns.multiply_add((end - begin) * kRounds, 0.5f); }); });
  peak.flops_per_second = static_cast<double>(threads * kRounds * fns.flops_per_round) / multiplying;
  const double reading = Fastest([&] {
    parallel(kFloats / kPiece, [&](int64_t begin, int64_t end) { sink = fns.read(floats + begin * kPiece, (end - begin) * kPiece); });
  });
  peak.bytes_per_second = static_cast<double>(memory.byte_size()) / reading;
  return peak;
}

}  // namespace samoyed
