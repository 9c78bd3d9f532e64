// samoyed profile: where the time of a run goes, by node, kernel or operator, held against what the machine can do.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "commands.h"
#include "inputs.h"
#include "support.h"

namespace samoyed::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

struct ProfileFlags {
  std::string model, json, chrome_trace, by = "node";
  double seconds = 1;
  int warmup = 3, top = 20;
  bool order = false;
  InputFlags inputs;
  LoadFlags load;
};

struct Machine {
  double flops = 0, bytes = 0;  // a second
};

// One line of the report: a node, or all of one kernel or operator. Medians over the runs.
struct Row {
  std::string node, op, kernel, provider, output;
  int depth = 0;
  double ms = 0, flops = 0, bytes = 0, calls = 0;  // of a run; what ran in the bodies of a node is not counted as its own
  // The time that the machine would need at least for the arithmetic, and for the bytes out of memory, in ms.
  double compute_ms = 0, memory_ms = 0;
};

// What one run spent on a row.
struct Spent {
  double us = 0, calls = 0;
};

using Key = std::tuple<int, std::string, std::string, std::string>;  // depth, node, operator, kernel

struct Profile {
  std::map<Key, size_t> index;
  std::vector<Row> rows;                  // in the order in which they first ended
  std::vector<std::vector<Spent>> spent;  // by row, one a run
  std::vector<double> totals;             // ms of each run's nodes
  size_t num_runs = 0;

  void Add(const Json& run);
};

// Time of a node less that of what ran in its bodies: those ended before it, one level deeper.
void Profile::Add(const Json& run) {
  std::vector<double> inside(1, 0);
  double total = 0;
  for (const Json& n : run) {
    const auto depth = n["depth"].get<size_t>();
    const auto us = n["duration_us"].get<double>();
    if (inside.size() < depth + 2) inside.resize(depth + 2, 0);
    const double own = std::max(0.0, us - inside[depth + 1]);
    inside[depth + 1] = 0;
    inside[depth] += us;
    if (depth == 0) total += us;
    const Key key(static_cast<int>(depth), n["node"], n["op"], n["kernel"]);
    const auto [it, is_new] = index.emplace(key, rows.size());
    if (is_new) {
      Row row;
      std::tie(row.depth, row.node, row.op, row.kernel) = key;
      row.provider = n["provider"];
      if (!n["outputs"].empty()) row.output = n["outputs"][0];
      rows.push_back(row);
      spent.emplace_back();
    }
    std::vector<Spent>& of_row = spent[it->second];
    of_row.resize(num_runs + 1);
    of_row.back().us += own;
    of_row.back().calls += 1;
    Row& row = rows[it->second];
    if (num_runs == 0) row.flops += n["flops"].get<double>(), row.bytes += n["bytes"].get<double>();
  }
  totals.push_back(total / 1e3);
  ++num_runs;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void TakeMedians(Profile& profile, const Machine& machine) {
  for (size_t i = 0; i < profile.rows.size(); ++i) {
    Row& row = profile.rows[i];
    profile.spent[i].resize(profile.num_runs);
    std::vector<double> ms, calls;
    for (const Spent& s : profile.spent[i]) ms.push_back(s.us / 1e3), calls.push_back(s.calls);
    row.ms = Median(std::move(ms));
    row.calls = Median(std::move(calls));
    row.compute_ms = row.flops / machine.flops * 1e3;
    row.memory_ms = row.bytes / machine.bytes * 1e3;
  }
}

// All rows of one kernel, or one operator, as one.
std::vector<Row> Grouped(const std::vector<Row>& rows, const std::string& by) {
  std::map<std::string, Row> groups;
  for (const Row& row : rows) {
    Row& group = groups[by == "kernel" ? row.kernel : row.op];
    if (by == "kernel") group.kernel = row.kernel;
    group.op = group.op.empty() || group.op == row.op ? row.op : "several";
    group.ms += row.ms;
    group.flops += row.flops;
    group.bytes += row.bytes;
    group.calls += row.calls;
    group.compute_ms += row.compute_ms;
    group.memory_ms += row.memory_ms;
  }
  std::vector<Row> out;
  for (auto& [name, row] : groups) out.push_back(std::move(row));
  return out;
}

// What holds the row back, by the larger of the two times that it needs at least, and how near it comes to that. Empty where neither
// is known.
const char* Bound(const Row& row) {
  if (row.compute_ms <= 0 && row.memory_ms <= 0) return "";
  return row.compute_ms >= row.memory_ms ? "compute" : "memory";
}

double Share(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

std::string Shortened(const std::string& text, size_t width) {
  return text.size() <= width ? text : "..." + text.substr(text.size() - (width - 3));
}

// A number, or nothing where it is nothing.
std::string Cell(double value, const char* format, bool shown) {
  char text[32] = "";
  if (shown) std::snprintf(text, sizeof text, format, value);
  return text;
}

void PrintTable(const std::vector<Row>& rows, const ProfileFlags& flags, double total) {
  std::printf("%9s %6s %6s %9s %6s %7s %-12s  %s\n", "ms", "%", "calls", "GFLOP/s", "peak%", "GB/s", "bound",
              flags.by == "node" ? "kernel / operator / node" : flags.by.c_str());
  double shown = 0;
  size_t count = 0;
  for (const Row& row : rows) {
    if (flags.top > 0 && count == static_cast<size_t>(flags.top)) break;
    ++count;
    shown += row.ms;
    const bool timed = row.ms > 0;
    const std::string bound = Bound(row);
    const double roof = std::max(row.compute_ms, row.memory_ms);
    const std::string near = bound.empty() || !timed ? bound : bound + Cell(Share(roof, row.ms), " %.0f%%", true);
    std::string name = flags.by == "kernel" ? row.kernel : row.op;
    if (flags.by == "node")
      name = row.kernel + "  " + row.op + "  " + std::string(static_cast<size_t>(2 * row.depth), ' ') + Shortened(row.node, 48);
    std::printf("%9.3f %6.1f %6.0f %9s %6s %7s %-12s  %s\n", row.ms, Share(row.ms, total), row.calls,
                Cell(row.flops / row.ms / 1e6, "%.1f", timed && row.flops > 0).c_str(),
                Cell(Share(row.compute_ms, row.ms), "%.0f", timed && row.flops > 0).c_str(),
                Cell(row.bytes / row.ms / 1e6, "%.1f", timed && row.bytes > 0).c_str(), near.c_str(), name.c_str());
  }
  if (count < rows.size())
    std::printf("%9.3f %6.1f  %zu more (--top 0 shows all)\n", std::max(0.0, total - shown), Share(total - shown, total),
                rows.size() - count);
}

Json ToJson(const Row& row, double total) {
  Json out = {{"op", row.op},
              {"kernel", row.kernel},
              {"ms", row.ms},
              {"percent", Share(row.ms, total)},
              {"calls", row.calls},
              {"flops", row.flops},
              {"bytes", row.bytes},
              {"bound", Bound(row)},
              {"percent_of_peak", Share(row.compute_ms, row.ms)},
              {"percent_of_bound", Share(std::max(row.compute_ms, row.memory_ms), row.ms)}};
  if (!row.node.empty()) out["node"] = row.node, out["depth"] = row.depth, out["provider"] = row.provider, out["output"] = row.output;
  return out;
}

void WriteFile(const std::string& path, const std::string& text) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "we");
  if (file == nullptr) throw Error(SAMOYED_USAGE, path + ": cannot be written");
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fputc('\n', file) != EOF;
  const bool closed = file == stdout || std::fclose(file) == 0;
  if (!written || !closed) throw Error(SAMOYED_USAGE, path + ": could not be written");
}

// What chrome://tracing and ui.perfetto.dev read: one complete event a node.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
std::string ChromeTrace(const Json& run, const std::string& model) {
  Json events = Json::array({{{"name", "process_name"}, {"ph", "M"}, {"pid", 1}, {"tid", 1}, {"args", {{"name", "samoyed " + model}}}}});
  for (const Json& n : run) {
    events.push_back({{"name", n["node"]},
                      {"cat", n["op"]},
                      {"ph", "X"},
                      {"pid", 1},
                      {"tid", 1},
                      {"ts", n["start_us"]},
                      {"dur", n["duration_us"]},
                      {"args",
                       {{"operator", n["op"]},
                        {"kernel", n["kernel"]},
                        {"provider", n["provider"]},
                        {"inputs", n["inputs"]},
                        {"outputs", n["outputs"]},
                        {"flops", n["flops"]},
                        {"bytes", n["bytes"]}}}});
  }
  return Json({{"traceEvents", events}, {"displayTimeUnit", "ms"}}).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json RunProfiled(const samoyed_session& session, const std::vector<ValuePtr>& inputs) {
  std::vector<const samoyed_value*> given;
  for (const ValuePtr& v : inputs) given.push_back(v.get());
  std::vector<samoyed_value*> made(Api().session_num_outputs(&session), nullptr);
  samoyed_text* text = nullptr;
  samoyed_status* status = Api().run_profiled(&session, given.data(), given.size(), made.data(), made.size(), &text);
  for (samoyed_value* v : made) Api().value_free(v);
  Check(status);
  const TextPtr owner(text);
  return Json::parse(Api().text_data(text), nullptr, true);
}

void ProfileModel(const ProfileFlags& flags) {
  const SessionPtr session = Load(flags.model, flags.load);
  const std::vector<ValuePtr> inputs = ReadInputs(*session, flags.inputs);
  for (int i = 0; i < flags.warmup; ++i) Run(*session, inputs);
  Profile profile;
  Json trace;
  double traced = HUGE_VAL;
  {
    Progress progress;
    const auto begin = Clock::now();
    double seconds = 0;
    do {
      Json run = RunProfiled(*session, inputs);
      profile.Add(run);
      if (profile.totals.back() < traced) traced = profile.totals.back(), trace = std::move(run);
      seconds = std::chrono::duration<double>(Clock::now() - begin).count();
      progress.Show(seconds / std::max(flags.seconds, 1e-9), std::to_string(profile.num_runs) + " runs");
    } while (seconds < flags.seconds || profile.num_runs < 3);
  }
  Machine machine;
  Check(Api().machine_speed(flags.load.threads, &machine.flops, &machine.bytes));
  TakeMedians(profile, machine);
  double total = 0;
  for (const Row& row : profile.rows) total += row.ms;
  std::vector<Row> rows = flags.by == "node" ? profile.rows : Grouped(profile.rows, flags.by);
  if (!flags.order) std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.ms > b.ms; });
  if (!flags.chrome_trace.empty()) WriteFile(flags.chrome_trace, ChromeTrace(trace, flags.model));
  if (!flags.json.empty()) {
    Json report = {{"model", flags.model},
                   {"runs", profile.num_runs},
                   {"run_ms", Median(profile.totals)},
                   {"placement", Api().session_placement(session.get())},
                   {"machine", {{"gflops", machine.flops / 1e9}, {"gbytes_per_second", machine.bytes / 1e9}}},
                   {"rows", Json::array()}};
    for (const Row& row : rows) report["rows"].push_back(ToJson(row, total));
    WriteFile(flags.json, report.dump(1, ' ', false, Json::error_handler_t::replace));
    if (flags.json != "-") Note("wrote " + flags.json);
    return;
  }
  double flops = 0;
  for (const Row& row : rows) flops += row.flops;
  std::printf("%zu runs, median %.3f ms, %.3f GFLOP: %.1f GFLOP/s\n", profile.num_runs, Median(profile.totals), flops / 1e9,
              flops / 1e6 / std::max(1e-9, Median(profile.totals)));
  std::printf("this machine: %.1f GFLOP/s of fp32 multiply-adds, %.1f GB/s read from memory\n\n", machine.flops / 1e9, machine.bytes / 1e9);
  PrintTable(rows, flags, total);
}

}  // namespace

void AddProfile(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ProfileFlags>();
  CLI::App* command = app.add_subcommand("profile", "Show where the time goes: by node, kernel or operator");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_option("--by", flags->by, "what a line is: node, kernel or op")
      ->check(CLI::IsMember({"node", "kernel", "op"}))
      ->capture_default_str();
  command->add_option("--top", flags->top, "how many lines, the slowest; 0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_flag("--order", flags->order, "in the order in which they run, not the slowest first");
  command->add_option("--seconds", flags->seconds, "how long to measure; three runs at least")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--warmup", flags->warmup, "runs before measuring")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--json", flags->json, "write all lines to this file as JSON, - for stdout");
  command->add_option("--chrome-trace", flags->chrome_trace, "write the fastest run to this file for chrome://tracing or ui.perfetto.dev");
  flags->inputs.AddTo(*command);
  flags->load.AddTo(*command);
  command->footer(
      "Times are medians over the runs, less what ran in a node's own bodies. peak%: of the fp32 multiply-adds that the machine was "
      "measured to do;\n"
      "faster algorithms (Winograd) and bytes may go beyond. bound: what would take longest at the machine's best, arithmetic or reading "
      "and\n"
      "writing memory, and how near the node comes to it; more than 100% of memory means that the caches held it.\n\n"
      "Example:\n  samoyed profile model.onnx --threads 1\n  samoyed profile model.onnx --by kernel\n  samoyed profile model.onnx "
      "--chrome-trace "
      "trace.json");
  command->callback([flags, &exit_code] { exit_code = Guarded([&] { ProfileModel(*flags); }); });
}

}  // namespace samoyed::cli
