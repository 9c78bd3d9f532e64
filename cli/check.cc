// samoyed check: is a model valid ONNX?
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "support.h"

namespace samoyed::cli {
namespace {

// True when the model is valid.
bool CheckFile(const std::string& path, bool full, bool json) {
  samoyed_text* out = nullptr;
  Check(Api().model_check(path.c_str(), full ? 1 : 0, &out));
  const TextPtr text(out);
  const auto findings = nlohmann::json::parse(Api().text_data(text.get()));
  if (json) {
    std::printf("%s\n", nlohmann::json({{"model", path}, {"valid", findings.empty()}, {"findings", findings}}).dump(1).c_str());
    return findings.empty();
  }
  const auto string = [](const nlohmann::json& f, const char* key) { return f[key].get<std::string>(); };
  for (const auto& f : findings) {
    std::printf("%s\n  rule:  %s\n  found: %s\n", string(f, "place").c_str(), string(f, "rule").c_str(), string(f, "found").c_str());
    if (!string(f, "advice").empty()) std::printf("  to do: %s\n", string(f, "advice").c_str());
  }
  if (findings.empty()) {
    std::printf("%s: valid%s\n", path.c_str(), full ? ", types and shapes included" : "");
  } else {
    std::fprintf(stderr, "samoyed: %s: not valid ONNX, %zu finding%s\n", path.c_str(), findings.size(), findings.size() == 1 ? "" : "s");
  }
  return findings.empty();
}

}  // namespace

void AddCheck(CLI::App& app, int& exit_code) {
  struct Flags {
    std::string model;
    bool full = false, json = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("check", "Say whether a model is valid ONNX, and what is wrong with it");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_flag("--full", flags->full, "also infer all types and shapes, strictly");
  command->add_flag("--json", flags->json, "as JSON");
  command->footer(
      "Exit code 1 where the model is not valid, 5 where the file holds no model.\n\nExample:\n  samoyed check model.onnx --full");
  command->callback([flags, &exit_code] {
    bool valid = false;
    exit_code = Guarded([&] { valid = CheckFile(flags->model, flags->full, flags->json); });
    if (exit_code == 0 && !valid) exit_code = SAMOYED_FAILED_CHECK;
  });
}

}  // namespace samoyed::cli
