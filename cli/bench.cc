// samoyed bench: load time, first run, and the latency of many runs; JSON for tools, a table for people.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

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
  const auto end = Clock::now() + std::chrono::duration<double>(flags.seconds);
  while (Clock::now() < end || latencies.size() < 5) {
    start = Clock::now();
    outputs = Run(*session, inputs);
    latencies.push_back(Since(start));
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
                                            {"out", Describe(*outputs.at(0))}}
                                 .dump();
    std::FILE* file = flags.json == "-" ? stdout : std::fopen(flags.json.c_str(), "we");
    if (file == nullptr) throw Error(SAMOYED_BAD_INPUT, flags.json + ": cannot be written");
    std::fprintf(file, "%s\n", text.c_str());
    if (file != stdout) std::fclose(file);
    return;
  }
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double q) { return latencies[static_cast<size_t>(q * static_cast<double>(latencies.size() - 1))]; };
  std::printf("load %.2f ms, first run %.2f ms, then %zu runs; peak memory %.0f MiB\n", load_ms, first_ms, latencies.size(), rss_mb);
  std::printf("latency in ms   min %.3f   p50 %.3f   p90 %.3f   p99 %.3f   max %.3f\n", at(0), at(0.5), at(0.9), at(0.99), at(1));
  constexpr int kBins = 12;
  std::vector<size_t> bins(kBins, 0);
  const double width = (at(0.99) - at(0)) / kBins;
  for (double v : latencies) ++bins[std::min<size_t>(kBins - 1, width > 0 ? static_cast<size_t>((v - at(0)) / width) : 0)];
  for (int i = 0; i < kBins && width > 0; ++i) {
    std::string bar;
    for (size_t k = 0; k < 50 * bins[static_cast<size_t>(i)] / latencies.size(); ++k) bar += "\u2588";
    std::printf("%10.3f  %6zu  %s\n", at(0) + width * i, bins[static_cast<size_t>(i)], bar.c_str());
  }
}

}  // namespace

void AddBench(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<BenchFlags>();
  CLI::App* command = app.add_subcommand("bench", "Measure load time, first run and latency");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_option("--seconds", flags->seconds, "how long to measure")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--warmup", flags->warmup, "runs before measuring")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--dim", flags->dims, "a symbolic dimension (batch=1; *=1 for all) or a whole input (x=1x3x48x320)")
      ->allow_extra_args(false);
  command->add_option("--shape", flags->shapes, "an input's shape (x=1x3x224x224)")->allow_extra_args(false);
  command->add_option("--json", flags->json, "write JSON to this file, - for stdout");
  flags->load.AddTo(*command);
  command->footer("Example:\n  samoyed bench model.onnx --threads 1 --seconds 2");
  command->callback([flags, &exit_code] { exit_code = Guarded([&] { Bench(*flags); }); });
}

}  // namespace samoyed::cli
