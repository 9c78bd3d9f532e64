// samoyed inspect: what a model takes and gives, what runs where, what memory it needs; or its text form.
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "support.h"

namespace samoyed::cli {
namespace {

using Json = nlohmann::json;

struct InspectFlags {
  std::string model;
  bool text = false, json = false, dot = false, nodes = false;
  LoadFlags load;
};

std::string Text(const Json& object, const char* key) { return object.value(key, std::string()); }

void PrintFormat(const Json& r) {
  std::string opsets;
  for (const auto& [domain, version] : r["opsets"].items()) opsets += (opsets.empty() ? "" : ", ") + domain + " " + version.dump();
  std::printf("format   IR version %s, opsets %s%s%s\n", r["ir_version"].dump().c_str(), opsets.c_str(),
              Text(r, "producer").empty() ? "" : ", by ", Text(r, "producer").c_str());
}

// A model that this build cannot run is still worth a look.
SessionPtr LoadOrSayWhatIsKnown(const InspectFlags& flags, const Json& known) {
  try {
    return Load(flags.model, flags.load);
  } catch (const Error& error) {
    if (error.code != SAMOYED_UNSUPPORTED || flags.json || flags.dot) throw;
    PrintFormat(known);
    std::printf("size     %.3f million parameters\nnodes    %s in the file:", known["parameters"].get<double>() / 1e6,
                known["file_nodes"].dump().c_str());
    for (const auto& [name, count] : known["operators"].items()) std::printf(" %s %s", count.dump().c_str(), name.c_str());
    std::printf("\n");
    throw;
  }
}

Json Report(InspectFlags& flags) {
  flags.load.silent = true;  // it is part of the report
  samoyed_text* out = nullptr;
  Check(Api().model_info(flags.model.c_str(), &out));
  Json report = Json::parse(Api().text_data(TextPtr(out).get()));
  report["file_nodes"] = report["nodes"];
  const SessionPtr session = LoadOrSayWhatIsKnown(flags, report);
  samoyed_memory memory = {};
  Check(Api().session_memory(session.get(), &memory));
  const auto list = [&](const char* key, size_t count, auto name, auto type) {
    report[key] = Json::array();
    for (size_t i = 0; i < count; ++i) report[key].push_back({{"name", name(session.get(), i)}, {"type", type(session.get(), i)}});
  };
  list("inputs", Api().session_num_inputs(session.get()), Api().session_input_name, Api().session_input_type);
  list("outputs", Api().session_num_outputs(session.get()), Api().session_output_name, Api().session_output_type);
  report["nodes"] = Json::parse(Api().text_data(TextPtr(Api().session_nodes_json(session.get())).get()));
  double flops = 0;
  for (const Json& node : report["nodes"]) flops += node.value("flops", 0.0);
  report["flops"] = flops;
  report["placement"] = Api().session_placement(session.get());
  report["memory"] = {{"constants", memory.constants},
                      {"packed", memory.packed},
                      {"arena", memory.arena},
                      {"outputs", memory.outputs},
                      {"exact", memory.exact != 0}};
  return report;
}

void PrintNodes(const Json& nodes) {
  std::printf("\n%-40s %-22s %12s  %-28s %s\n", "node", "operator", "MFLOP", "kernel", "output");
  for (const Json& n : nodes) {
    std::string name = Text(n, "node");
    if (name.size() > 40) name = "..." + name.substr(name.size() - 37);
    const std::string type = n.contains("outputs") && !n["outputs"].empty() ? Text(n["outputs"][0], "type") : "";
    std::printf("%-40s %-22s %12.3f  %-28s %s\n", name.c_str(), Text(n, "op").c_str(), n.value("flops", 0.0) / 1e6,
                Text(n, "kernel").c_str(), type.c_str());
  }
}

void PrintSummary(const Json& r) {
  PrintFormat(r);
  for (const char* key : {"inputs", "outputs"}) {
    for (const Json& v : r[key]) std::printf("%-8s %-24s %s\n", key, Text(v, "name").c_str(), Text(v, "type").c_str());
  }
  std::printf("size     %.3f million parameters, %.3f GFLOP a run\n", r["parameters"].get<double>() / 1e6, r["flops"].get<double>() / 1e9);
  std::printf("nodes    %s in the file, %zu after optimisation\n", r["file_nodes"].dump().c_str(), r["nodes"].size());
  std::printf("runs on  %s\n", Text(r, "placement").c_str());
  const Json& m = r["memory"];
  const auto mib = [&](const char* key) { return m[key].get<double>() / (1 << 20); };
  std::printf("memory   %.2f MiB peak%s: weights %.2f, packed %.2f, activations %.2f, outputs %.2f\n",
              mib("constants") + mib("packed") + mib("arena") + mib("outputs"),
              m["exact"].get<bool>() ? "" : " and what depends on the data", mib("constants"), mib("packed"), mib("arena"), mib("outputs"));
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// Graphviz: a box a node, an arrow a value that one node makes and another reads. https://graphviz.org/doc/info/lang.html
void PrintDot(const Json& nodes) {
  std::printf("digraph model {\n  node [shape=box, fontname=\"sans-serif\"];\n");
  std::map<std::string, size_t> maker;
  for (size_t i = 0; i < nodes.size(); ++i) {
    std::printf("  n%zu [label=\"%s\\n%s\"];\n", i, Escaped(Text(nodes[i], "op")).c_str(), Escaped(Text(nodes[i], "node")).c_str());
    for (const Json& v : nodes[i].value("outputs", Json::array())) maker[Text(v, "name")] = i;
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (const Json& v : nodes[i].value("inputs", Json::array())) {
      const auto it = maker.find(Text(v, "name"));
      if (it != maker.end()) std::printf("  n%zu -> n%zu [label=\"%s\"];\n", it->second, i, Escaped(Text(v, "type")).c_str());
    }
  }
  std::printf("}\n");
}

void Inspect(InspectFlags& flags) {
  if (flags.text) {
    samoyed_text* out = nullptr;
    Check(Api().model_text(flags.model.c_str(), &out));
    std::printf("%s\n", Api().text_data(TextPtr(out).get()));
    return;
  }
  const Json report = Report(flags);
  if (flags.json) {
    std::printf("%s\n", report.dump(1).c_str());
  } else if (flags.dot) {
    PrintDot(report["nodes"]);
  } else {
    PrintSummary(report);
    if (flags.nodes) PrintNodes(report["nodes"]);
  }
}

}  // namespace

void AddInspect(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<InspectFlags>();
  CLI::App* command = app.add_subcommand("inspect", "Show a model's inputs, outputs, size, placement and peak memory");
  command->add_option("MODEL", flags->model, "an ONNX file")->required();
  command->add_flag("--nodes", flags->nodes, "a line for each node that runs");
  command->add_flag("--text", flags->text, "the model in ONNX's text form");
  command->add_flag("--dot", flags->dot, "the graph that runs, for Graphviz");
  command->add_flag("--json", flags->json, "as JSON");
  command->add_option("--dim", flags->load.dims, "NAME=SIZE: a symbolic dimension's number, for FLOPs and memory (1 where none is given)")
      ->allow_extra_args(false);
  flags->load.AddTo(*command);
  command->footer("Example:\n  samoyed inspect model.onnx --nodes\n  samoyed inspect model.onnx --dot | dot -Tsvg -o model.svg");
  command->callback([flags, &exit_code] { exit_code = Guarded([&] { Inspect(*flags); }); });
}

}  // namespace samoyed::cli
