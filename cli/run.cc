// samoyed run: runs a model on given inputs (.npy, .pb, pictures) or a test-case data folder; prints or writes the outputs.
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "commands.h"
#include "image_input.h"
#include "npy.h"
#include "support.h"

namespace samoyed::cli {
namespace {

namespace fs = std::filesystem;

struct RunFlags {
  std::string model, data, output_dir, format = "pb", provider;
  std::vector<std::string> inputs;  // NAME=FILE
  double rtol = 1e-3, atol = 1e-7;
  LoadFlags load;
};

ValuePtr LoadInput(const std::string& file, const std::string& type, const samoyed_session& session) {
  const std::string extension = fs::path(file).extension().string();
  if (extension == ".npy") return ReadNpy(file);
  if (extension == ".pb") {
    samoyed_value* value = nullptr;
    Check(Api().value_load(file.c_str(), type.c_str(), &value));
    return ValuePtr(value);
  }
  const char* pipeline = Api().session_metadata(&session, "samoyed.pipeline");
  Pixels pixels;
  DecodeFile(file, pixels);
  return ToTensor(pixels, pipeline != nullptr ? pipeline : "{}");
}

std::vector<ValuePtr> Inputs(const samoyed_session& session, const RunFlags& flags) {
  const size_t count = Api().session_num_inputs(&session);
  std::vector<ValuePtr> values(count);
  for (size_t i = 0; i < count && !flags.data.empty(); ++i) {
    const fs::path file = fs::path(flags.data) / ("input_" + std::to_string(i) + ".pb");
    if (fs::exists(file)) values[i] = LoadInput(file.string(), Api().session_input_type(&session, i), session);
  }
  for (const std::string& item : flags.inputs) {
    const size_t equals = item.find('=');
    const std::string name = equals == std::string::npos ? "" : item.substr(0, equals), file = equals == std::string::npos ? item : item.substr(equals + 1);
    std::string names;
    bool found = false;
    for (size_t i = 0; i < count; ++i) {
      const std::string own = Api().session_input_name(&session, i);
      names += (names.empty() ? "" : ", ") + own;
      if (own != name && !(name.empty() && count == 1)) continue;
      values[i] = LoadInput(file, Api().session_input_type(&session, i), session);
      found = true;
    }
    if (!found) throw Error(SAMOYED_USAGE, "the model has no input \"" + name + "\"; its inputs are " + names);
  }
  return values;
}

std::string Summary(const samoyed_value& v) {
  std::string text = "dtype " + std::to_string(Api().value_dtype(&v)) + " [";
  for (size_t i = 0; i < Api().value_rank(&v); ++i) text += (i > 0 ? "," : "") + std::to_string(Api().value_dims(&v)[i]);
  text += "]";
  if (Api().value_dtype(&v) != 1) return text;
  const auto* data = static_cast<const float*>(Api().value_data(&v));
  for (size_t i = 0; i < std::min<size_t>(8, Api().value_size(&v) / sizeof(float)); ++i) {
    char number[32];
    std::snprintf(number, sizeof number, " %.6g", static_cast<double>(data[i]));
    text += number;
  }
  return text;
}

void RunModel(const RunFlags& flags, int& exit_code) {
  const SessionPtr session = Load(flags.model, flags.load);
  const std::vector<ValuePtr> outputs = Run(*session, Inputs(*session, flags));
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = Api().session_output_name(session.get(), i);
    const fs::path expected_file = flags.data.empty() ? fs::path() : fs::path(flags.data) / ("output_" + std::to_string(i) + ".pb");
    if (!flags.data.empty() && fs::exists(expected_file)) {
      samoyed_value* value = nullptr;
      Check(Api().value_load(expected_file.c_str(), Api().session_output_type(session.get(), i), &value));
      const ValuePtr expected(value);
      samoyed_status* status = Api().value_compare(outputs[i].get(), expected.get(), flags.rtol, flags.atol);
      std::printf("%s: %s\n", name.c_str(), status == nullptr ? "as expected" : Api().status_message(status));
      if (status != nullptr) exit_code = SAMOYED_FAILED_CHECK;
      Api().status_free(status);
    } else if (flags.output_dir.empty()) {
      std::printf("%s: %s\n", name.c_str(), Summary(*outputs[i]).c_str());
    }
    if (flags.output_dir.empty()) continue;
    fs::create_directories(flags.output_dir);
    std::string safe = name;
    for (char& c : safe) c = c == '/' ? '_' : c;
    const fs::path file = fs::path(flags.output_dir) / (safe + "." + flags.format);
    if (flags.format == "npy") {
      WriteNpy(file.string(), *outputs[i]);
    } else {
      Check(Api().value_save(file.c_str(), outputs[i].get()));
    }
  }
}

}  // namespace

void AddRun(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* command = app.add_subcommand("run", "Run a model on given inputs");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_option("--input", flags->inputs, "NAME=FILE: .npy, .pb, or a picture (by the model's own pipeline)")->allow_extra_args(false);
  command->add_option("--data", flags->data, "folder with input_I.pb, and output_I.pb to compare with");
  command->add_option("--output-dir", flags->output_dir, "write the outputs here");
  command->add_option("--format", flags->format, "pb or npy")->check(CLI::IsMember({"pb", "npy"}))->capture_default_str();
  command->add_option("--rtol", flags->rtol, "relative tolerance of comparisons")->capture_default_str();
  command->add_option("--atol", flags->atol, "absolute tolerance of comparisons")->capture_default_str();
  flags->load.AddTo(*command);
  command->footer("Example:\n  samoyed run model.onnx --input x=x.npy --output-dir out --format npy");
  command->callback([flags, &exit_code] {
    const int code = Guarded([&] { RunModel(*flags, exit_code); });
    if (code != 0) exit_code = code;
  });
}

}  // namespace samoyed::cli
