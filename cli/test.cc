// samoyed test: runs ONNX test-case folders (model.onnx, test_data_set_N/input_I.pb, output_I.pb) and compares.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "commands.h"
#include "support.h"

namespace samoyed::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

enum class Verdict { kPassed, kFailed, kSkipped };
struct Outcome {
  Verdict verdict = Verdict::kPassed;
  std::string message;
  std::vector<std::string> operators;  // of the case's model
};

struct TestFlags {
  std::vector<std::string> folders;
  std::string manifest, junit;
  double rtol = 1e-3, atol = 1e-7;
  unsigned seconds = 60;
  bool no_progress = false, json = false;
  LoadFlags load;
};

struct Expectation {
  double rtol, atol;
  bool random = false;
  std::vector<std::string> operators;  // of the case's model, where the manifest says them
};

std::vector<fs::path> FindCases(const std::vector<std::string>& folders) {
  std::vector<fs::path> cases;
  for (const std::string& folder : folders) {
    if (!fs::exists(folder)) throw Error(SAMOYED_USAGE, folder + ": no such folder");
    if (fs::exists(fs::path(folder) / "model.onnx")) cases.emplace_back(folder);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().filename() == "model.onnx" && entry.path().parent_path() != folder) cases.push_back(entry.path().parent_path());
    }
  }
  if (cases.empty()) throw Error(SAMOYED_USAGE, "no model.onnx below the folders given");
  std::sort(cases.begin(), cases.end());
  return cases;
}

void RunDataSet(const samoyed_session& session, const fs::path& set, const Expectation& want) {
  std::vector<ValuePtr> inputs;
  for (size_t i = 0; i < Api().session_num_inputs(&session); ++i) {
    const fs::path file = set / ("input_" + std::to_string(i) + ".pb");
    if (!fs::exists(file)) break;
    samoyed_value* value = nullptr;
    Check(Api().value_load(file.c_str(), Api().session_input_type(&session, i), &value));
    inputs.emplace_back(value);
  }
  const std::vector<ValuePtr> outputs = Run(session, inputs);
  for (size_t i = 0; i < outputs.size() && !want.random; ++i) {
    const fs::path file = set / ("output_" + std::to_string(i) + ".pb");
    if (!fs::exists(file)) continue;
    samoyed_value* value = nullptr;
    Check(Api().value_load(file.c_str(), Api().session_output_type(&session, i), &value));
    const ValuePtr expected(value);
    Check(Api().value_compare(outputs[i].get(), expected.get(), want.rtol, want.atol));
  }
}

// The names of a model's operators, each followed by a space.
std::string OperatorsOf(const std::string& model) {
  samoyed_text* out = nullptr;
  Check(Api().model_info(model.c_str(), &out));
  const Json info = Json::parse(Api().text_data(TextPtr(out).get()));
  std::string names;
  for (const auto& [name, count] : info["operators"].items()) names += name + " ";
  return names;
}

void Send(int pipe_end, const std::string& text) {
  for (size_t sent = 0; sent < text.size();) {
    const ssize_t n = write(pipe_end, text.data() + sent, text.size() - sent);
    if (n <= 0) return;
    sent += static_cast<size_t>(n);
  }
}

// In a process of its own, so that a crash or a hang is that case's alone.
Outcome RunCase(const fs::path& folder, const Expectation& want, const TestFlags& flags) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw Error(SAMOYED_INTERNAL, "no pipe to be had");
  const pid_t child = fork();
  if (child < 0) throw Error(SAMOYED_INTERNAL, "no process to be had");
  if (child == 0) {
    alarm(flags.seconds);
    std::string message;
    int code = 0;
    try {
      const std::string model = (folder / "model.onnx").string();
      if (want.operators.empty()) Send(pipe_ends[1], OperatorsOf(model));
      const SessionPtr session = Load(model, flags.load);
      for (int n = 0; fs::exists(folder / ("test_data_set_" + std::to_string(n))); ++n) {
        RunDataSet(*session, folder / ("test_data_set_" + std::to_string(n)), want);
      }
    } catch (const Error& error) {
      message = error.what();
      code = error.code;
    } catch (const std::exception& error) {
      message = error.what();
      code = SAMOYED_INTERNAL;
    }
    Send(pipe_ends[1], "\n" + message.substr(0, 4000));
    _exit(code);
  }
  close(pipe_ends[1]);
  Outcome outcome;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;) outcome.message.append(buffer, static_cast<size_t>(n));
  close(pipe_ends[0]);
  // The operators in one line, then what went wrong.
  const size_t line = std::min(outcome.message.find('\n'), outcome.message.size());
  std::istringstream names(outcome.message.substr(0, line));
  for (std::string name; names >> name;) outcome.operators.push_back(name);
  outcome.message.erase(0, line + 1);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    outcome.verdict = Verdict::kFailed;
    outcome.message = signal == SIGALRM ? "timed out" : std::string("crashed: ") + strsignal(signal);
    return outcome;
  }
  if (WEXITSTATUS(status) == SAMOYED_UNSUPPORTED)
    outcome.verdict = Verdict::kSkipped;
  else if (WEXITSTATUS(status) != 0)
    outcome.verdict = Verdict::kFailed;
  return outcome;
}

// The standard's expected values of this operator were computed in float32 and hold its noise where the exact value is 0, so the rules
// of comparison that come with the cases ask for no less than this.
constexpr double kDftAtol = 1e-6;

std::map<std::string, Expectation> ReadManifest(const TestFlags& flags) {
  std::map<std::string, Expectation> manifest;
  if (flags.manifest.empty()) return manifest;
  const auto parsed = Json::parse(ReadFile(flags.manifest), nullptr, false);
  if (!parsed.is_object()) throw Error(SAMOYED_BAD_INPUT, flags.manifest + ": no JSON object of cases");
  for (const auto& [name, entry] : parsed.items()) {
    const auto number = [&](const char* key, double fallback) {
      return entry.contains(key) && entry[key].is_number() ? entry[key].get<double>() : fallback;
    };
    Expectation& want =
        manifest[name] = {number("rtol", flags.rtol), number("atol", flags.atol), entry.contains("random") && entry["random"] == true, {}};
    if (entry.contains("ops") && entry["ops"].is_array()) {
      for (const Json& op : entry["ops"]) want.operators.push_back(op.is_string() ? op.get<std::string>() : std::string());
      if (std::find(want.operators.begin(), want.operators.end(), "DFT") != want.operators.end()) want.atol = std::max(want.atol, kDftAtol);
    }
  }
  return manifest;
}

struct CaseResult {
  std::string group, name;
  Outcome outcome;
  double seconds = 0;
};

const char* NameOf(Verdict verdict) { return verdict == Verdict::kPassed ? "passed" : verdict == Verdict::kFailed ? "failed" : "skipped"; }

std::string XmlText(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
      out += c;
  }
  return out;
}

// The JUnit form that continuous integration systems read. https://github.com/testmoapp/junitxml
void WriteJunit(const std::string& path, const std::vector<CaseResult>& results, const int (&counts)[3]) {
  std::ofstream file(path);
  file << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"samoyed test\" tests=\"" << results.size() << "\" failures=\""
       << counts[1] << "\" skipped=\"" << counts[2] << "\">\n";
  for (const CaseResult& r : results) {
    file << "  <testcase classname=\"" << XmlText(r.group) << "\" name=\"" << XmlText(r.name) << "\" time=\"" << r.seconds << "\"";
    if (r.outcome.verdict == Verdict::kPassed) {
      file << "/>\n";
    } else {
      file << "><" << (r.outcome.verdict == Verdict::kFailed ? "failure" : "skipped") << " message=\"" << XmlText(r.outcome.message)
           << "\"/></testcase>\n";
    }
  }
  file << "</testsuite>\n";
  file.close();
  if (!file) throw Error(SAMOYED_USAGE, path + ": cannot be written");
}

// A line for each operator of which a case did not pass.
using ByOperator = std::map<std::string, std::array<int, 3>>;
void PrintOperators(const ByOperator& operators) {
  bool first = true;
  for (const auto& [name, counts] : operators) {
    if (counts[1] + counts[2] == 0) continue;
    if (first) std::printf("%-36s %7s %7s %7s\n", "operator", "passed", "failed", "skipped");
    first = false;
    std::printf("%-36s %7d %7d %7d\n", name.c_str(), counts[0], counts[1], counts[2]);
  }
}

Json ReportOf(const std::vector<CaseResult>& results, const int (&counts)[3], const ByOperator& operators) {
  Json report = {
      {"passed", counts[0]}, {"failed", counts[1]}, {"skipped", counts[2]}, {"cases", Json::array()}, {"operators", Json::object()}};
  for (const CaseResult& r : results) {
    report["cases"].push_back(
        {{"case", r.group + "/" + r.name}, {"verdict", NameOf(r.outcome.verdict)}, {"message", r.outcome.message}, {"seconds", r.seconds}});
  }
  for (const auto& [name, of] : operators) report["operators"][name] = {{"passed", of[0]}, {"failed", of[1]}, {"skipped", of[2]}};
  return report;
}

void RunTests(TestFlags& flags, int& exit_code) {
  flags.load.silent = true;
  const auto manifest = ReadManifest(flags);
  const std::vector<fs::path> folders = FindCases(flags.folders);
  int counts[3] = {0, 0, 0};
  std::map<std::string, int> missing;  // what skipped cases said
  ByOperator operators;
  std::vector<CaseResult> results;
  Progress progress(!flags.no_progress);
  for (const fs::path& folder : folders) {
    CaseResult result{folder.parent_path().filename().string(), folder.filename().string(), {}, 0};
    const std::string name = result.group + "/" + result.name;
    progress.Show(static_cast<double>(results.size()) / static_cast<double>(folders.size()),
                  std::to_string(results.size()) + "/" + std::to_string(folders.size()) + " " + name);
    const auto it = manifest.find(name);
    const Expectation want = it != manifest.end() ? it->second : Expectation{flags.rtol, flags.atol, false, {}};
    const auto start = std::chrono::steady_clock::now();
    result.outcome = RunCase(folder, want, flags);
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto verdict = static_cast<size_t>(result.outcome.verdict);
    ++counts[verdict];
    for (const std::string& op : want.operators.empty() ? result.outcome.operators : want.operators) ++operators[op][verdict];
    if (!flags.json && result.outcome.verdict == Verdict::kFailed)
      std::printf("%s %s: %s\n", Alarm("FAILED", stdout).c_str(), name.c_str(), result.outcome.message.c_str());
    if (result.outcome.verdict == Verdict::kSkipped) ++missing[result.outcome.message];
    results.push_back(std::move(result));
  }
  if (!flags.junit.empty()) WriteJunit(flags.junit, results, counts);
  exit_code = counts[1] > 0 ? SAMOYED_FAILED_CHECK : 0;
  if (flags.json) {
    std::printf("%s\n", ReportOf(results, counts, operators).dump(1).c_str());
    return;
  }
  for (const auto& [message, count] : missing) std::printf("skipped %d: %s\n", count, message.c_str());
  PrintOperators(operators);
  std::printf("%d passed, %d failed, %d skipped\n", counts[0], counts[1], counts[2]);
}

}  // namespace

void AddTest(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<TestFlags>();
  CLI::App* command = app.add_subcommand("test", "Run ONNX test-case folders and compare with the expected outputs");
  command->add_option("DIR", flags->folders, "folders to walk")->required();
  command->add_option("--manifest", flags->manifest, "JSON file with each case's tolerances");
  command->add_option("--rtol", flags->rtol, "relative tolerance")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--atol", flags->atol, "absolute tolerance")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--timeout", flags->seconds, "seconds that a case may take")->capture_default_str();
  command->add_option("--junit", flags->junit, "write the results to this file in JUnit's XML form");
  command->add_flag("--json", flags->json, "the results as JSON");
  command->add_flag("--no-progress", flags->no_progress, "no progress line");
  flags->load.AddTo(*command);
  command->footer("Example:\n  samoyed test suite/node --manifest suite_manifest.json");
  command->callback([flags, &exit_code] {
    const int code = Guarded([&] { RunTests(*flags, exit_code); });
    if (code != 0) exit_code = code;
  });
}

}  // namespace samoyed::cli
