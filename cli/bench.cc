// samoyed bench: load time, first run, and the latency of many runs; JSON for tools, a table for people.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "commands.h"
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

std::map<std::string, std::string> Assignments(const std::vector<std::string>& list) {
  std::map<std::string, std::string> map;
  for (const std::string& item : list) {
    const size_t equals = item.find('=');
    if (equals == std::string::npos) throw Error(SAMOYED_USAGE, "\"" + item + "\" is not of the form NAME=VALUE");
    map[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return map;
}

std::vector<int64_t> Sizes(const std::string& text) {
  std::vector<int64_t> sizes;
  for (size_t at = 0; at < text.size();) {
    size_t used = 0;
    sizes.push_back(std::stoll(text.substr(at), &used));
    at += used + 1;
  }
  return sizes;
}

template <typename T, typename Draw>
std::string Fill(size_t count, Draw draw) {
  std::string bytes(count * sizeof(T), '\0');
  for (size_t i = 0; i < count; ++i) {
    const T value = static_cast<T>(draw());
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

// Deterministic inputs: floats in [-1, 1), small integers, masks of ones, sample rates of 16000.
ValuePtr MakeInput(const std::string& name, const TensorType& type, const std::map<std::string, std::string>& dims, std::mt19937_64& random) {
  std::vector<int64_t> shape;
  if (const auto it = dims.find(name); it != dims.end()) {
    shape = Sizes(it->second);
  } else {
    for (const std::string& dim : type.dims) {
      const bool number = !dim.empty() && dim.find_first_not_of("0123456789") == std::string::npos;
      const auto given = dims.count(dim) ? dims.find(dim) : dims.find("*");
      shape.push_back(number ? std::stoll(dim) : given != dims.end() ? std::stoll(given->second) : 1);
    }
  }
  size_t count = 1;
  for (int64_t d : shape) count *= static_cast<size_t>(d);
  const auto real = [&] { return std::uniform_real_distribution<double>(-1, 1)(random); };
  const auto whole = [&]() -> int64_t {
    if (name.find("mask") != std::string::npos) return 1;
    return name == "sr" ? 16000 : static_cast<int64_t>(random() % 200);
  };
  std::string bytes;
  switch (type.dtype) {
    case 1: bytes = Fill<float>(count, real); break;
    case 11: bytes = Fill<double>(count, real); break;
    case 10: bytes.assign(count * 2, '\0'); break;
    case 2: bytes = Fill<uint8_t>(count, whole); break;
    case 3: bytes = Fill<int8_t>(count, [&] { return whole() % 100; }); break;
    case 6: bytes = Fill<int32_t>(count, whole); break;
    case 7: bytes = Fill<int64_t>(count, whole); break;
    case 9: bytes = Fill<uint8_t>(count, [&] { return whole() % 2; }); break;
    default: throw Error(SAMOYED_UNSUPPORTED, "bench cannot make up an input \"" + name + "\" of type " + type.element);
  }
  samoyed_value* value = nullptr;
  Check(Api().tensor_create(type.dtype, shape.data(), shape.size(), bytes.data(), bytes.size(), &value));
  return ValuePtr(value);
}

nlohmann::json Describe(const samoyed_value& v) {
  if (Api().value_dtype(&v) != 1) return nullptr;
  const auto* data = static_cast<const float*>(Api().value_data(&v));
  const size_t n = Api().value_size(&v) / sizeof(float);
  double sum = 0, squares = 0, largest = 0;
  for (size_t i = 0; i < n; ++i) sum += data[i], squares += static_cast<double>(data[i]) * data[i], largest = std::max<double>(largest, std::fabs(data[i]));
  const double mean = n == 0 ? 0 : sum / static_cast<double>(n);
  return {mean, std::sqrt(std::max(0.0, (n == 0 ? 0 : squares / static_cast<double>(n)) - mean * mean)), largest};
}

void Bench(BenchFlags& flags) {
  flags.dims.insert(flags.dims.end(), flags.shapes.begin(), flags.shapes.end());
  const auto dims = Assignments(flags.dims);
  auto start = Clock::now();
  const SessionPtr session = Load(flags.model, flags.load);
  const double load_ms = Since(start);
  std::mt19937_64 random(0);
  std::vector<ValuePtr> inputs;
  for (size_t i = 0; i < Api().session_num_inputs(session.get()); ++i) {
    if (Api().session_input_has_default(session.get(), i)) break;
    inputs.push_back(MakeInput(Api().session_input_name(session.get(), i), ParseType(Api().session_input_type(session.get(), i)), dims, random));
  }
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
    const std::string text = nlohmann::json{{"runtime", "samoyed"}, {"version", Api().version_string()}, {"load_ms", load_ms}, {"first_ms", first_ms}, {"lat_ms", latencies},
                                            {"rss_mb", rss_mb}, {"out", Describe(*outputs.at(0))}}.dump();
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
  command->add_option("--seconds", flags->seconds, "how long to measure")->capture_default_str();
  command->add_option("--warmup", flags->warmup, "runs before measuring")->capture_default_str();
  command->add_option("--dim", flags->dims, "a symbolic dimension (batch=1; *=1 for all) or a whole input (x=1x3x48x320)")->allow_extra_args(false);
  command->add_option("--shape", flags->shapes, "an input's shape (x=1x3x224x224)")->allow_extra_args(false);
  command->add_option("--json", flags->json, "write JSON to this file, - for stdout");
  flags->load.AddTo(*command);
  command->footer("Example:\n  samoyed bench model.onnx --threads 1 --seconds 2");
  command->callback([flags, &exit_code] { exit_code = Guarded([&] { Bench(*flags); }); });
}

}  // namespace samoyed::cli
