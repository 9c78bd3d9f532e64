// samoyed inspect: what a model takes and gives, what runs where, what memory it needs; or its text form.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "support.h"

namespace samoyed::cli {
namespace {

void Inspect(const std::string& path, bool text, bool json, const LoadFlags& flags) {
  if (text) {
    samoyed_text* out = nullptr;
    Check(Api().model_text(path.c_str(), &out));
    std::printf("%s\n", Api().text_data(TextPtr(out).get()));
    return;
  }
  const SessionPtr session = Load(path, flags);
  samoyed_memory memory = {};
  Check(Api().session_memory(session.get(), &memory));
  const TextPtr nodes(Api().session_nodes_json(session.get()));
  auto report = nlohmann::json::object();
  const auto list = [&](const char* key, size_t count, auto name, auto type) {
    report[key] = nlohmann::json::array();
    for (size_t i = 0; i < count; ++i) report[key].push_back({{"name", name(session.get(), i)}, {"type", type(session.get(), i)}});
  };
  list("inputs", Api().session_num_inputs(session.get()), Api().session_input_name, Api().session_input_type);
  list("outputs", Api().session_num_outputs(session.get()), Api().session_output_name, Api().session_output_type);
  report["nodes"] = nlohmann::json::parse(Api().text_data(nodes.get()));
  report["placement"] = Api().session_placement(session.get());
  report["memory"] = {{"constants", memory.constants}, {"packed", memory.packed}, {"arena", memory.arena}, {"outputs", memory.outputs}, {"exact", memory.exact != 0}};
  if (json) {
    std::printf("%s\n", report.dump(1).c_str());
    return;
  }
  for (const char* key : {"inputs", "outputs"}) {
    for (const auto& v : report[key]) std::printf("%-8s %-24s %s\n", key, v["name"].get<std::string>().c_str(), v["type"].get<std::string>().c_str());
  }
  std::printf("nodes    %zu after optimisation\nruns on  %s\n", report["nodes"].size(), Api().session_placement(session.get()));
  const double mib = 1 << 20;
  std::printf("memory   %.2f MiB peak%s: weights %.2f, packed %.2f, activations %.2f, outputs %.2f\n",
              static_cast<double>(memory.constants + memory.packed + memory.arena + memory.outputs) / mib, memory.exact ? "" : " and what depends on the data",
              static_cast<double>(memory.constants) / mib, static_cast<double>(memory.packed) / mib, static_cast<double>(memory.arena) / mib,
              static_cast<double>(memory.outputs) / mib);
}

}  // namespace

void AddInspect(CLI::App& app, int& exit_code) {
  struct Flags {
    std::string model;
    bool text = false, json = false;
    LoadFlags load;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("inspect", "Show a model's inputs, outputs, nodes, placement and peak memory");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_flag("--text", flags->text, "the model in ONNX's text form");
  command->add_flag("--json", flags->json, "as JSON");
  flags->load.AddTo(*command);
  command->footer("Example:\n  samoyed inspect model.onnx");
  command->callback([flags, &exit_code] { exit_code = Guarded([&] { Inspect(flags->model, flags->text, flags->json, flags->load); }); });
}

}  // namespace samoyed::cli
