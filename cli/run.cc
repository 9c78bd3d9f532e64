// samoyed run: runs a model on given inputs (.npy, .npz, .pb, pictures), made-up ones or a test-case data folder; prints or writes the
// outputs.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "commands.h"
#include "inputs.h"
#include "npy.h"
#include "support.h"

namespace samoyed::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct RunFlags {
  std::string model, output_dir, format = "pb";
  bool json = false;
  double rtol = 1e-3, atol = 1e-7;
  InputFlags inputs;
  LoadFlags load;
};

Json Summary(const samoyed_session& session, size_t index, const samoyed_value& v) {
  Json out = {{"name", Api().session_output_name(&session, index)}, {"type", Api().session_output_type(&session, index)}};
  if (Api().value_dtype(&v) == 0) return out;
  out["shape"] = std::vector<int64_t>(Api().value_dims(&v), Api().value_dims(&v) + Api().value_rank(&v));
  const size_t count = NumElements(v), shown = std::min<size_t>(8, count);
  if (Api().value_dtype(&v) == 8) {
    Json first = Json::array();
    for (size_t i = 0; i < shown; ++i) {
      size_t length = 0;
      const char* text = Api().value_string(&v, i, &length);
      first.push_back(std::string(text, length));
    }
    out["first"] = first;
  }
  if (!HasNumbers(v) || count == 0) return out;
  std::vector<double> first;
  double min = HUGE_VAL, max = -HUGE_VAL, sum = 0;
  size_t argmax = 0, nans = 0;
  for (size_t i = 0; i < count; ++i) {
    const double x = NumberAt(v, i);
    if (i < shown) first.push_back(x);
    if (std::isnan(x)) {
      ++nans;
      continue;
    }
    if (x > max) max = x, argmax = i;
    min = std::min(min, x);
    sum += x;
  }
  out["first"] = first;
  if (nans > 0) out["nan"] = nans;
  if (nans == count) return out;
  out["min"] = min;
  out["max"] = max;
  out["mean"] = sum / static_cast<double>(count - nans);
  out["argmax"] = argmax;
  return out;
}

void PrintSummary(const Json& s) {
  std::printf("%s: %s", s["name"].get<std::string>().c_str(), s["type"].get<std::string>().c_str());
  if (s.contains("shape")) std::printf(", shape %s", s["shape"].dump().c_str());
  if (s.contains("nan")) std::printf(", %s of them not a number", s["nan"].dump().c_str());
  if (s.contains("min"))
    std::printf("\n  min %.6g, max %.6g (element %lld), mean %.6g", s["min"].get<double>(), s["max"].get<double>(),
                s["argmax"].get<long long>(), s["mean"].get<double>());
  if (s.contains("first")) {
    std::printf("\n ");
    for (const Json& x : s["first"]) {
      if (x.is_string())
        std::printf(" %s", x.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
      else
        std::printf(" %.6g", x.get<double>());
    }
  }
  std::printf("\n");
}

// "as expected", what differs, or nothing where the folder expects nothing of this output.
std::string Compared(const samoyed_session& session, const RunFlags& flags, size_t index, const samoyed_value& output) {
  const fs::path file = flags.inputs.data.empty() ? fs::path() : fs::path(flags.inputs.data) / ("output_" + std::to_string(index) + ".pb");
  if (file.empty() || !fs::exists(file)) return {};
  samoyed_value* value = nullptr;
  Check(Api().value_load(file.c_str(), Api().session_output_type(&session, index), &value));
  const ValuePtr expected(value);
  samoyed_status* status = Api().value_compare(&output, expected.get(), flags.rtol, flags.atol);
  const std::string text = status == nullptr ? "as expected" : Api().status_message(status);
  Api().status_free(status);
  return text;
}

void WriteOutputs(const samoyed_session& session, const RunFlags& flags, const std::vector<ValuePtr>& outputs) {
  std::error_code error;
  fs::create_directories(flags.output_dir, error);
  if (error) throw Error(SAMOYED_USAGE, flags.output_dir + ": cannot be made: " + error.message());
  std::vector<std::pair<std::string, const samoyed_value*>> arrays;
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::string name = Api().session_output_name(&session, i);
    std::replace(name.begin(), name.end(), '/', '_');
    arrays.emplace_back(name, outputs[i].get());
  }
  const fs::path folder = flags.output_dir;
  if (flags.format == "npz") return WriteNpz((folder / "outputs.npz").string(), arrays);
  for (const auto& [name, value] : arrays) {
    const std::string file = (folder / (name + "." + flags.format)).string();
    if (flags.format == "npy") {
      WriteNpy(file, *value);
    } else {
      Check(Api().value_save(file.c_str(), value));
    }
  }
}

void RunModel(const RunFlags& flags, int& exit_code) {
  const SessionPtr session = Load(flags.model, flags.load);
  const std::vector<ValuePtr> outputs = Run(*session, ReadInputs(*session, flags.inputs));
  Json report = {{"model", flags.model}, {"placement", Api().session_placement(session.get())}, {"outputs", Json::array()}};
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string compared = Compared(*session, flags, i, *outputs[i]);
    if (!compared.empty() && compared != "as expected") exit_code = SAMOYED_FAILED_CHECK;
    Json summary = Summary(*session, i, *outputs[i]);
    if (!compared.empty()) summary["compared"] = compared;
    if (!flags.json && !compared.empty()) std::printf("%s: %s\n", Api().session_output_name(session.get(), i), compared.c_str());
    if (!flags.json && compared.empty() && flags.output_dir.empty()) PrintSummary(summary);
    report["outputs"].push_back(std::move(summary));
  }
  if (!flags.output_dir.empty()) WriteOutputs(*session, flags, outputs);
  if (flags.json) std::printf("%s\n", report.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
}

}  // namespace

void AddRun(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* command = app.add_subcommand("run", "Run a model on given inputs");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  flags->inputs.AddTo(*command);
  command->add_option("--data", flags->inputs.data, "folder with input_I.pb, and output_I.pb to compare with");
  command->add_option("--output-dir", flags->output_dir, "write the outputs here");
  command->add_option("--format", flags->format, "of the files: pb, npy or npz (one file, outputs.npz)")
      ->check(CLI::IsMember({"pb", "npy", "npz"}))
      ->capture_default_str();
  command->add_option("--rtol", flags->rtol, "relative tolerance of comparisons")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--atol", flags->atol, "absolute tolerance of comparisons")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_flag("--json", flags->json, "a summary of the outputs as JSON");
  flags->load.AddTo(*command);
  command->footer(
      "Example:\n  samoyed run model.onnx --shape x=1x3x224x224\n  samoyed run model.onnx --data test_data_set_0\n  samoyed run model.onnx "
      "--input x=x.npy --output-dir out --format npy");
  command->callback([flags, &exit_code] {
    const int code = Guarded([&] { RunModel(*flags, exit_code); });
    if (code != 0) exit_code = code;
  });
}

}  // namespace samoyed::cli
