#include "inputs.h"

#include <filesystem>

#include "image_input.h"
#include "made_up_inputs.h"
#include "npy.h"
#include "suggest.h"

namespace samoyed::cli {
namespace {

namespace fs = std::filesystem;

ValuePtr LoadInput(const std::string& file, const std::string& type, const samoyed_session& session, const InputFlags& flags) {
  const std::string extension = fs::path(file).extension().string();
  if (extension == ".npy") return ReadNpy(file);
  if (extension == ".pb") {
    samoyed_value* value = nullptr;
    Check(Api().value_load(file.c_str(), type.c_str(), &value));
    return ValuePtr(value);
  }
  const char* own = Api().session_metadata(&session, "samoyed.pipeline");
  const std::string pipeline = !flags.pipeline.empty() ? ReadFile(flags.pipeline) : own != nullptr ? own : "{}";
  Pixels pixels;
  DecodeFile(file, WantsUpright(pipeline), pixels);
  if (pipeline == "{}") Note(file + " is neither resized nor normalised: the model has no pipeline (--pipeline)");
  return ToTensor(pixels.pixels, pipeline);
}

// The number of the input of this name; an error that names those there are.
size_t InputNumber(const samoyed_session& session, const std::string& name) {
  std::string list;
  std::vector<std::string> names;
  const size_t count = Api().session_num_inputs(&session);
  for (size_t i = 0; i < count; ++i) {
    names.emplace_back(Api().session_input_name(&session, i));
    if (names.back() == name || (name.empty() && count == 1)) return i;
    list += (list.empty() ? "" : ", ") + names.back();
  }
  if (name.empty()) throw Error(SAMOYED_USAGE, "say which input with NAME=FILE; the model's inputs are " + list);
  const std::string nearest = Nearest(name, names);
  throw Error(SAMOYED_USAGE, "the model has no input \"" + name + "\"" + (nearest.empty() ? "" : "; did you mean " + nearest + "?") +
                                 " (its inputs are " + list + ")");
}

void ReadDataFolder(const samoyed_session& session, const InputFlags& flags, std::vector<ValuePtr>& values) {
  if (!fs::is_directory(flags.data)) throw Error(SAMOYED_BAD_INPUT, flags.data + ": no such folder");
  for (size_t i = 0; i < values.size(); ++i) {
    const fs::path file = fs::path(flags.data) / ("input_" + std::to_string(i) + ".pb");
    if (fs::exists(file)) values[i] = LoadInput(file.string(), Api().session_input_type(&session, i), session, flags);
  }
}

}  // namespace

std::vector<ValuePtr> ReadInputs(const samoyed_session& session, const InputFlags& flags) {
  std::vector<ValuePtr> values(Api().session_num_inputs(&session));
  if (!flags.data.empty()) ReadDataFolder(session, flags, values);
  for (const std::string& item : flags.inputs) {
    const size_t equals = fs::exists(item) ? std::string::npos : item.find('=');
    const std::string name = equals == std::string::npos ? "" : item.substr(0, equals),
                      file = equals == std::string::npos ? item : item.substr(equals + 1);
    if (fs::path(file).extension() == ".npz" && name.empty()) {
      for (auto& [array, value] : ReadNpz(file)) values[InputNumber(session, array)] = std::move(value);
    } else {
      const size_t i = InputNumber(session, name);
      values[i] = LoadInput(file, Api().session_input_type(&session, i), session, flags);
    }
  }
  const bool none = flags.inputs.empty() && flags.data.empty();
  std::vector<ValuePtr> made_up;
  if (none || !flags.shapes.empty()) made_up = MakeInputs(session, ParseAssignments(flags.shapes));
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != nullptr || Api().session_input_has_default(&session, i) != 0) continue;
    const std::string name = Api().session_input_name(&session, i), type = Api().session_input_type(&session, i);
    if (i >= made_up.size() || made_up[i] == nullptr) {
      throw Error(SAMOYED_USAGE, flags.data.empty() ? "input \"" + name + "\" (" + type + ") is not given; add --input " + name + "=FILE"
                                                    : flags.data + " has no input_" + std::to_string(i) + ".pb for the input \"" + name +
                                                          "\" (" + type + ")");
    }
    values[i] = std::move(made_up[i]);
    Note("input " + name + " is made up of random numbers");
  }
  return values;
}

void InputFlags::AddTo(CLI::App& command) {
  command
      .add_option(
          "--input", inputs,
          "NAME=FILE: .npy, .pb, or a picture (by the model's own pipeline); FILE.npz for inputs by name; none at all: random numbers")
      ->allow_extra_args(false);
  command.add_option("--pipeline", pipeline, "JSON file with the steps for pictures, instead of the model's own");
  command
      .add_option("--shape,--dim", shapes,
                  "sizes of inputs that are not given: x=1x3x224x224, or batch=1 for a symbolic dimension (*=1 for all)")
      ->allow_extra_args(false);
}

}  // namespace samoyed::cli
