// samoyed pack and samoyed verify: a model file that carries its pipeline, its labels and a golden sample, and the proof of the sample.
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "golden.h"
#include "image_input.h"
#include "support.h"

namespace samoyed::cli {
namespace {

struct PackFlags {
  std::string model, pipeline, labels, out;
  bool no_golden = false, json = false;
};

using Entries = std::vector<std::pair<std::string, std::string>>;

void WriteCopy(const std::string& from, const Entries& entries, const std::string& to) {
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : entries) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  Check(Api().model_set_metadata(from.c_str(), keys.data(), values.data(), keys.size(), to.c_str()));
}

// A pipeline that cannot run must not travel.
void TryPipeline(const std::string& file, const std::string& json) {
  uint8_t black[3] = {0, 0, 0};
  try {
    ToTensor(samoyed_pixels{1, 1, black}, json);
  } catch (const Error& error) {
    throw Error(error.code, file + ": " + error.what());
  }
}

void Pack(const PackFlags& flags) {
  std::error_code ignored;
  if (std::filesystem::equivalent(flags.model, flags.out, ignored))
    throw Error(SAMOYED_USAGE, "the packed model is written to another file than " + flags.model);
  Entries entries;
  if (!flags.pipeline.empty()) {
    entries.emplace_back("samoyed.pipeline", ReadFile(flags.pipeline));
    TryPipeline(flags.pipeline, entries.back().second);
  }
  if (!flags.labels.empty()) entries.emplace_back("samoyed.labels", ReadFile(flags.labels));
  if (!flags.no_golden) {
    LoadFlags load;
    load.silent = true;
    const SessionPtr session = Load(flags.model, load);
    const char* own = Api().session_metadata(session.get(), "samoyed.pipeline");
    const std::string pipeline = !flags.pipeline.empty() ? entries.front().second : own != nullptr ? own : "";
    entries.emplace_back(kGoldenKey, MakeGolden(*session, pipeline));
  }
  if (entries.empty()) throw Error(SAMOYED_USAGE, "nothing to pack: give --pipeline or --labels");
  WriteCopy(flags.model, entries, flags.out);
  if (flags.json) {
    auto keys = nlohmann::json::array();
    for (const auto& [key, value] : entries) keys.push_back(key);
    std::printf("%s\n", nlohmann::json({{"written", flags.out}, {"keys", keys}}).dump(1).c_str());
  } else {
    std::fprintf(stderr, "wrote %s\n", flags.out.c_str());
  }
}

// True when the model gives on this device what it gave where it was packed.
bool Verify(const std::string& path, bool json, const LoadFlags& load) {
  const SessionPtr session = Load(path, load);
  const char* golden = Api().session_metadata(session.get(), kGoldenKey);
  if (golden == nullptr) throw Error(SAMOYED_USAGE, path + " holds no golden sample; `samoyed pack` puts one in");
  const char* pipeline = Api().session_metadata(session.get(), "samoyed.pipeline");
  const std::string difference = CompareWithGolden(*session, golden, pipeline != nullptr ? pipeline : "");
  if (json) {
    std::printf("%s\n", nlohmann::json({{"model", path}, {"verified", difference.empty()}, {"difference", difference}}).dump(1).c_str());
  } else if (difference.empty()) {
    std::printf("%s: verified, the golden sample holds on this device\n", path.c_str());
  } else {
    std::fprintf(stderr, "samoyed: %s: the golden sample does not hold: %s\n", path.c_str(), difference.c_str());
  }
  return difference.empty();
}

}  // namespace

void AddPack(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<PackFlags>();
  CLI::App* command = app.add_subcommand("pack", "Put the pre-processing pipeline, the labels and a golden sample into a model file");
  command->add_option("MODEL", flags->model, "an ONNX file; data in files beside it is brought along")->required();
  command->add_option("--pipeline", flags->pipeline, "JSON file with the steps (docs/pipeline.md)");
  command->add_option("--labels", flags->labels, "file with one label a line");
  command->add_option("-o,--output", flags->out, "the file to write")->required();
  command->add_flag("--no-golden", flags->no_golden, "no golden sample");
  command->add_flag("--json", flags->json, "say what was written as JSON");
  command->footer(
      "Example:\n  samoyed pack model.onnx --pipeline pipeline.json --labels labels.txt -o packed.onnx\n  samoyed verify packed.onnx");
  command->callback([flags, &exit_code] { exit_code = Guarded([&] { Pack(*flags); }); });
}

void AddVerify(CLI::App& app, int& exit_code) {
  struct Flags {
    std::string model;
    bool json = false;
    LoadFlags load;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("verify", "Prove on this device that a packed model gives what it gave where it was packed");
  command->add_option("MODEL", flags->model, "a model that `samoyed pack` wrote")->required();
  command->add_flag("--json", flags->json, "as JSON");
  flags->load.AddTo(*command);
  command->footer("Exit code 1 where the golden sample does not hold.\n\nExample:\n  samoyed verify packed.onnx");
  command->callback([flags, &exit_code] {
    bool held = false;
    exit_code = Guarded([&] { held = Verify(flags->model, flags->json, flags->load); });
    if (exit_code == 0 && !held) exit_code = SAMOYED_FAILED_CHECK;
  });
}

}  // namespace samoyed::cli
