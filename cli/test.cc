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

#include "commands.h"
#include "support.h"

namespace samoyed::cli {
namespace {

namespace fs = std::filesystem;

enum class Verdict { kPassed, kFailed, kSkipped };
struct Outcome {
  Verdict verdict = Verdict::kPassed;
  std::string message;
};

struct TestFlags {
  std::vector<std::string> folders;
  std::string manifest;
  double rtol = 1e-3, atol = 1e-7;
  unsigned seconds = 60;
  bool no_progress = false, json = false;
  LoadFlags load;
};

struct Expectation {
  double rtol, atol;
  bool random = false;
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

// In a process of its own, so that a crash or a hang is that case's alone.
Outcome RunCase(const fs::path& folder, const Expectation& want, const TestFlags& flags) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw Error(SAMOYED_INTERNAL, "no pipe to be had");
  const pid_t child = fork();
  if (child == 0) {
    alarm(flags.seconds);
    std::string message;
    int code = 0;
    try {
      const SessionPtr session = Load((folder / "model.onnx").string(), flags.load);
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
    (void)!write(pipe_ends[1], message.data(), std::min<size_t>(message.size(), 4000));
    _exit(code);
  }
  close(pipe_ends[1]);
  Outcome outcome;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;) outcome.message.append(buffer, static_cast<size_t>(n));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return {Verdict::kFailed, signal == SIGALRM ? "timed out" : std::string("crashed: ") + strsignal(signal)};
  }
  if (WEXITSTATUS(status) == SAMOYED_UNSUPPORTED)
    outcome.verdict = Verdict::kSkipped;
  else if (WEXITSTATUS(status) != 0)
    outcome.verdict = Verdict::kFailed;
  return outcome;
}

std::map<std::string, Expectation> ReadManifest(const TestFlags& flags) {
  std::map<std::string, Expectation> manifest;
  if (flags.manifest.empty()) return manifest;
  const auto parsed = nlohmann::json::parse(ReadFile(flags.manifest));
  for (const auto& [name, entry] : parsed.items()) {
    const auto number = [&](const char* key, double fallback) {
      return entry.contains(key) && entry[key].is_number() ? entry[key].get<double>() : fallback;
    };
    manifest[name] = {number("rtol", flags.rtol), number("atol", flags.atol), entry.contains("random") && entry["random"] == true};
  }
  return manifest;
}

void RunTests(const TestFlags& flags, int& exit_code) {
  const auto manifest = ReadManifest(flags);
  int counts[3] = {0, 0, 0};
  std::map<std::string, int> missing;  // what skipped cases said
  for (const fs::path& folder : FindCases(flags.folders)) {
    const std::string name = folder.parent_path().filename().string() + "/" + folder.filename().string();
    const auto it = manifest.find(name);
    const Expectation want = it != manifest.end() ? it->second : Expectation{flags.rtol, flags.atol};
    const Outcome outcome = RunCase(folder, want, flags);
    ++counts[static_cast<int>(outcome.verdict)];
    if (outcome.verdict == Verdict::kFailed) std::printf("FAILED %s: %s\n", name.c_str(), outcome.message.c_str());
    if (outcome.verdict == Verdict::kSkipped)
      ++missing[outcome.message.substr(outcome.message.find("): ") == std::string::npos ? 0 : outcome.message.find("): ") + 3)];
  }
  for (const auto& [message, count] : missing) std::printf("skipped %d: %s\n", count, message.c_str());
  std::printf("%d passed, %d failed, %d skipped\n", counts[0], counts[1], counts[2]);
  exit_code = counts[1] > 0 ? SAMOYED_FAILED_CHECK : 0;
}

}  // namespace

void AddTest(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<TestFlags>();
  CLI::App* command = app.add_subcommand("test", "Run ONNX test-case folders and compare with the expected outputs");
  command->add_option("DIR", flags->folders, "folders to walk")->required();
  command->add_option("--manifest", flags->manifest, "JSON file with each case's tolerances");
  command->add_option("--rtol", flags->rtol, "relative tolerance")->capture_default_str();
  command->add_option("--atol", flags->atol, "absolute tolerance")->capture_default_str();
  command->add_option("--timeout", flags->seconds, "seconds a case may take")->capture_default_str();
  command->add_flag("--no-progress", flags->no_progress, "no progress line");
  flags->load.AddTo(*command);
  command->footer("Example:\n  samoyed test suite/node --manifest suite_manifest.json");
  command->callback([flags, &exit_code] {
    const int code = Guarded([&] { RunTests(*flags, exit_code); });
    if (code != 0) exit_code = code;
  });
}

}  // namespace samoyed::cli
