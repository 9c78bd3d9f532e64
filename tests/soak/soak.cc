// Loads, runs, cancels and destroys random models of a folder on many threads for some minutes, and prints what becomes of the
// process's memory:
//   samoyed_soak FOLDER [MINUTES] [THREADS] [SEED]      10 minutes, 8 threads unless told
// A session is shared by two threads at times: one runs, the other runs, cancels, or lets go of it first. Ends with 1 where two
// uncancelled runs of one model with one input differ. Built for all; run by hand, and under the thread sanitizer.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "exec/session.h"
#include "providers/cpu/cpu.h"
#include "providers/reference/reference.h"
#include "support/made_up.h"

namespace {

using namespace samoyed;  // NOLINT
using Clock = std::chrono::steady_clock;

constexpr uintmax_t kLargestModel = 1 << 20;  // many short lives, not few long ones

struct Counts {
  std::atomic<int64_t> loads{0}, refused{0}, runs{0}, failed{0}, cancelled{0}, different{0};
};

double ResidentMiB() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0, resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

bool SameBytes(const std::vector<Value>& a, const std::vector<Value>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (!a[i].is_tensor() || !b[i].is_tensor() || a[i].tensor().dtype() == DType::kString) continue;
    const Tensor &x = a[i].tensor(), &y = b[i].tensor();
    if (x.shape() != y.shape() || std::memcmp(x.raw(), y.raw(), static_cast<size_t>(x.byte_size())) != 0) return false;
  }
  return true;
}

// One model's life.
void LoadRunAndDrop(const std::string& path, std::mt19937& random, Counts& counts) {
  SessionOptions options;
  options.threads = static_cast<int>(random() % 3) + 1;
  options.timeout_ms = 5000;
  options.max_memory = int64_t{128} << 20;
  options.optimise = random() % 4 != 0;
  options.memory_mode = random() % 2 == 0 ? MemoryMode::kKeep : MemoryMode::kRelease;
  options.plan_cache_size = 1 + static_cast<int>(random() % 3);
  options.seed = 1;
  if (random() % 4 != 0) options.providers.push_back(MakeCpuProvider());
  options.providers.push_back(MakeReferenceProvider());
  auto loaded = Session::Load(path, std::move(options));
  ++counts.loads;
  if (!loaded.ok()) {
    ++counts.refused;
    return;
  }
  const std::shared_ptr<const Session> session = std::move(loaded).value();
  const auto inputs = testing::MadeUpInputs(*session);
  if (!inputs.ok()) return;
  std::atomic<bool> cancel = false;
  const auto run = [&counts, &inputs, &cancel](const Session& on) {
    auto out = on.Run(*inputs, {.cancel = &cancel});
    ++counts.runs;
    if (!out.ok()) ++(cancel ? counts.cancelled : counts.failed);
    return out;
  };
  const unsigned how = random() % 4;
  if (how == 0) {
    const auto first = run(*session), second = run(*session);
    // Operators that draw random numbers draw others in the next run; those are left out of the soak's folder.
    if (first.ok() && second.ok() && !SameBytes(*first, *second)) {
      ++counts.different;
      std::fprintf(stderr, "%s: two runs differ\n", path.c_str());
    }
    return;
  }
  std::thread other([session, &run] { (void)run(*session).ok(); });
  if (how == 1) (void)run(*session).ok();
  if (how == 2) {
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
    cancel = true;
  }
  other.join();
}

// Least squares over (minutes, MiB), in MiB an hour.
double SlopePerHour(const std::vector<std::pair<double, double>>& points) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [minute, mib] : points) {
    n += 1, x += minute, y += mib, xx += minute * minute, xy += minute * mib;
  }
  const double det = n * xx - x * x;
  return det > 0 ? 60 * (n * xy - x * y) / det : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const double minutes = argc > 2 ? std::atof(argv[2]) : 10;
  const int threads = argc > 3 ? std::atoi(argv[3]) : 8;
  const auto seed = static_cast<uint32_t>(argc > 4 ? std::atoi(argv[4]) : 1);
  std::vector<std::string> models;
  for (int i = 1; i < std::min(argc, 2); ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file() && entry.path().extension() == ".onnx" && entry.file_size() <= kLargestModel) {
        models.push_back(entry.path().string());
      }
    }
  }
  if (models.empty() || minutes <= 0 || threads <= 0) {
    std::fprintf(stderr, "usage: samoyed_soak FOLDER [MINUTES] [THREADS] [SEED], where FOLDER holds .onnx files\n");
    return 2;
  }
  std::ranges::sort(models);
  Counts counts;
  const auto start = Clock::now();
  const auto minutes_gone = [&] { return std::chrono::duration<double, std::ratio<60>>(Clock::now() - start).count(); };
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      std::mt19937 random(seed + static_cast<uint32_t>(t));
      while (minutes_gone() < minutes) LoadRunAndDrop(models[random() % models.size()], random, counts);
    });
  }
  std::vector<std::pair<double, double>> resident;
  for (double next = 0; minutes_gone() < minutes;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    if (minutes_gone() < next) continue;
    next += minutes / 60;
    // The first fifth fills caches and the allocator's arenas.
    if (minutes_gone() > minutes / 5) resident.emplace_back(minutes_gone(), ResidentMiB());
  }
  for (std::thread& worker : workers) worker.join();
  std::printf("%zu models, %d threads, %.1f minutes: %lld loads (%lld refused), %lld runs (%lld failed, %lld cancelled), %lld differ\n",
              models.size(), threads, minutes, static_cast<long long>(counts.loads), static_cast<long long>(counts.refused),
              static_cast<long long>(counts.runs), static_cast<long long>(counts.failed), static_cast<long long>(counts.cancelled),
              static_cast<long long>(counts.different));
  if (!resident.empty()) {
    std::printf("resident: %.1f MiB after a fifth of the time, %.1f MiB at the end; slope %.2f MiB an hour; in use at the end %.1f MiB\n",
                resident.front().second, resident.back().second, SlopePerHour(resident),
                static_cast<double>(mallinfo2().uordblks) / (1 << 20));
  }
  return counts.different == 0 ? 0 : 1;
}
