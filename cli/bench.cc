// samoyed bench: load time, first run, and the latency of many runs; JSON for tools, a table for people.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "commands.h"
#include "made_up_inputs.h"
#include "support.h"

namespace samoyed::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct BenchFlags {
  std::string model, json;
  double seconds = 1;
  int warmup = 5;
  std::vector<std::string> dims, shapes;  // NAME=size or INPUT=AxBxC
  LoadFlags load;
};

double Since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

nlohmann::json Describe(const samoyed_value& v) {
  if (Api().value_dtype(&v) != 1) return nullptr;
  const auto* data = static_cast<const float*>(Api().value_data(&v));
  const size_t n = Api().value_size(&v) / sizeof(float);
  double sum = 0, squares = 0, largest = 0;
  for (size_t i = 0; i < n; ++i)
    sum += data[i], squares += static_cast<double>(data[i]) * data[i], largest = std::max<double>(largest, std::fabs(data[i]));
  const double mean = n == 0 ? 0 : sum / static_cast<double>(n);
  return {mean, std::sqrt(std::max(0.0, (n == 0 ? 0 : squares / static_cast<double>(n)) - mean * mean)), largest};
}

// Percentiles, and a histogram whose last row holds the slowest hundredth too.
void PrintLatencies(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double q) { return ms[static_cast<size_t>(std::lround(q * static_cast<double>(ms.size() - 1)))]; };
  const double mean = std::accumulate(ms.begin(), ms.end(), 0.0) / static_cast<double>(ms.size());
  std::printf("%zu runs, %.1f a second\n", ms.size(), 1e3 / mean);
  std::printf("%10s %10s %10s %10s %10s %10s %10s   ms\n", "min", "p50", "p90", "p95", "p99", "max", "mean");
  std::printf("%10.3f %10.3f %10.3f %10.3f %10.3f %10.3f %10.3f\n\n", at(0), at(0.5), at(0.9), at(0.95), at(0.99), at(1), mean);
  constexpr size_t kBins = 12;
  std::vector<size_t> bins(kBins, 0);
  const double width = (at(0.99) - at(0)) / kBins;
  if (width <= 0) return;
  for (double v : ms) ++bins[std::min(kBins - 1, static_cast<size_t>((v - at(0)) / width))];
  const size_t fullest = *std::max_element(bins.begin(), bins.end());
  for (size_t i = 0; i < kBins; ++i) {
    std::string bar;
    for (size_t k = 0; k < (40 * bins[i] + fullest - 1) / fullest; ++k) bar += "\u2588";
    std::printf("%10.3f ms %7zu  %s\n", at(0) + width * static_cast<double>(i), bins[i], bar.c_str());
  }
}

void Bench(BenchFlags& flags) {
  flags.dims.insert(flags.dims.end(), flags.shapes.begin(), flags.shapes.end());
  const Assignments dims = ParseAssignments(flags.dims);
  auto start = Clock::now();
  const SessionPtr session = Load(flags.model, flags.load);
  const double load_ms = Since(start);
  const std::vector<ValuePtr> inputs = MakeInputs(*session, dims);
  start = Clock::now();
  std::vector<ValuePtr> outputs = Run(*session, inputs);
  const double first_ms = Since(start);
  for (int i = 0; i < flags.warmup; ++i) outputs = Run(*session, inputs);
  std::vector<double> latencies;
  {
    Progress progress;
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration<double>(flags.seconds);
    while (Clock::now() < end || latencies.size() < 5) {
      start = Clock::now();
      outputs = Run(*session, inputs);
      latencies.push_back(Since(start));
      progress.Show(Since(begin) / 1e3 / std::max(flags.seconds, 1e-9), std::to_string(latencies.size()) + " runs");
    }
  }
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const double rss_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  if (!flags.json.empty()) {
    const std::string text = nlohmann::json{{"runtime", "samoyed"},
                                            {"version", Api().version_string()},
                                            {"load_ms", load_ms},
                                            {"first_ms", first_ms},
                                            {"lat_ms", latencies},
                                            {"rss_mb", rss_mb},
                                            {"out", Describe(*outputs.at(0))},
                                            {"model", flags.model},
                                            {"placement", Api().session_placement(session.get())}}
                                 .dump();
    std::FILE* file = flags.json == "-" ? stdout : std::fopen(flags.json.c_str(), "we");
    if (file == nullptr) throw Error(SAMOYED_USAGE, flags.json + ": cannot be written");
    std::fprintf(file, "%s\n", text.c_str());
    if (file != stdout) std::fclose(file);
    return;
  }
  std::printf("load       %10.3f ms\nfirst run  %10.3f ms\nmemory     %10.1f MiB at its peak\n\n", load_ms, first_ms, rss_mb);
  PrintLatencies(std::move(latencies));
}

}  // namespace

void AddBench(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<BenchFlags>();
  CLI::App* command = app.add_subcommand("bench", "Measure load time, first run and latency");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_option("--seconds", flags->seconds, "how long to measure; five runs at least")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--warmup", flags->warmup, "runs before measuring")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--dim", flags->dims, "a symbolic dimension (batch=1; *=1 for all) or a whole input (x=1x3x48x320)")
      ->allow_extra_args(false);
  command->add_option("--shape", flags->shapes, "an input's shape (x=1x3x224x224)")->allow_extra_args(false);
  command->add_option("--json", flags->json, "write the figures and every latency to this file as JSON, - for stdout");
  flags->load.AddTo(*command);
  command->footer("Example:\n  samoyed bench model.onnx --threads 1 --seconds 2\n  samoyed bench model.onnx --dim batch=8 --json -");
  command->callback([flags, &exit_code] { exit_code = Guarded([&] { Bench(*flags); }); });
}

}  // namespace samoyed::cli
