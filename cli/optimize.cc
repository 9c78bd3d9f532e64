// samoyed optimize: a model as our rewrites leave it, in standard ONNX, for any runtime.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "made_up_inputs.h"
#include "suggest.h"
#include "support.h"

namespace samoyed::cli {
namespace {

using Json = nlohmann::json;

struct OptimizeFlags {
  std::string model, out;
  std::vector<std::string> without, only, shapes;
  bool verify = false, list = false, json = false;
  double rtol = 1e-3, atol = 1e-5;
  LoadFlags load;
};

Json TakeJson(samoyed_text* text) {
  const TextPtr owner(text);
  return Json::parse(Api().text_data(text));
}

std::string Text(const Json& object, const char* key) { return object.value(key, std::string()); }

void ListPasses(bool json) {
  Json rows = Json::array();
  for (const Json& pass : TakeJson(Api().passes_json())) {
    if (pass["standard"].get<bool>()) rows.push_back({{"name", pass["name"]}, {"description", pass["description"]}});
  }
  if (json) return void(std::printf("%s\n", rows.dump(1).c_str()));
  for (const Json& pass : rows) std::printf("%-18s %s\n", Text(pass, "name").c_str(), Text(pass, "description").c_str());
}

std::vector<std::string> StandardPasses() {
  std::vector<std::string> names;
  for (const Json& pass : TakeJson(Api().passes_json())) {
    if (pass["standard"].get<bool>()) names.push_back(pass["name"]);
  }
  return names;
}

// The passes to leave out, comma-separated; an error that names those there are.
std::string Disabled(const OptimizeFlags& flags) {
  const std::vector<std::string> names = StandardPasses();
  std::string known, disabled;
  for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
  for (const auto* list : {&flags.without, &flags.only}) {
    for (const std::string& name : *list) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      const std::string nearest = Nearest(name, names);
      throw Error(SAMOYED_USAGE, "there is no pass \"" + name + "\"" + (nearest.empty() ? "" : "; did you mean " + nearest + "?") +
                                     " (there are " + known + ")");
    }
  }
  const auto has = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (const std::string& name : names) {
    if (has(flags.without, name) || (!flags.only.empty() && !has(flags.only, name))) disabled += (disabled.empty() ? "" : ",") + name;
  }
  return disabled;
}

size_t CountFindings(const std::string& path) {
  samoyed_text* out = nullptr;
  Check(Api().model_check(path.c_str(), 1, &out));
  return TakeJson(out).size();
}

// What differs between the two files, run as they are on the reference kernels; empty where nothing does.
std::string Difference(const OptimizeFlags& flags) {
  if (CountFindings(flags.out) > CountFindings(flags.model)) return flags.out + " is not valid ONNX; samoyed check --full says where";
  LoadFlags load = flags.load;
  load.provider = "reference";
  load.no_optimize = load.silent = true;
  const SessionPtr before = Load(flags.model, load), after = Load(flags.out, load);
  const size_t inputs = Api().session_num_inputs(after.get()), outputs = Api().session_num_outputs(after.get());
  if (outputs != Api().session_num_outputs(before.get())) return "it has another number of outputs";
  if (inputs != Api().session_num_inputs(before.get())) return "it has another number of inputs";
  const std::vector<ValuePtr> given = MakeInputs(*before, ParseAssignments(flags.shapes));
  const std::vector<ValuePtr> expected = Run(*before, given);
  const std::vector<ValuePtr> actual = Run(*after, given);
  for (size_t i = 0; i < outputs; ++i) {
    samoyed_status* status = Api().value_compare(actual[i].get(), expected[i].get(), flags.rtol, flags.atol);
    const std::string text = Api().status_message(status);
    const bool same = status == nullptr;
    Api().status_free(status);
    if (!same) return std::string("output ") + Api().session_output_name(after.get(), i) + ": " + text;
  }
  return {};
}

void PrintReport(const OptimizeFlags& flags, const Json& report) {
  for (const Json& pass : report["passes"]) {
    std::printf("%-18s %s change%s\n", Text(pass, "name").c_str(), pass["changes"].dump().c_str(), pass["changes"] == 1 ? "" : "s");
  }
  if (report["passes"].empty()) std::printf("nothing to rewrite\n");
  for (const Json& note : report["notes"]) std::printf("note: %s\n", note.get<std::string>().c_str());
  std::printf("%s nodes before, %s after\n", report["nodes_before"].dump().c_str(), report["nodes_after"].dump().c_str());
  if (report.contains("verified")) {
    std::printf(report["verified"].get<bool>() ? "verified: the same results on made-up inputs\n" : "not the same: %s\n",
                Text(report, "difference").c_str());
  }
  Note("wrote " + flags.out);
}

int Optimize(OptimizeFlags& flags) {
  if (flags.list) return ListPasses(flags.json), SAMOYED_OK;
  if (flags.model.empty()) throw Error(SAMOYED_USAGE, "give the MODEL to optimise (samoyed optimize --help shows how)");
  if (flags.out.empty()) throw Error(SAMOYED_USAGE, "give the file to write with -o");
  std::error_code ignored;
  if (std::filesystem::equivalent(flags.model, flags.out, ignored))
    throw Error(SAMOYED_USAGE, "the optimised model is written to another file than " + flags.model);
  const OptionsPtr options = flags.load.Make();
  const std::string disabled = Disabled(flags);
  if (!disabled.empty()) Check(Api().options_set(options.get(), "disable", disabled.c_str()));
  samoyed_text* out = nullptr;
  Check(Api().model_optimize(flags.model.c_str(), options.get(), flags.out.c_str(), &out));
  Json report = TakeJson(out);
  if (flags.verify) {
    const std::string difference = Difference(flags);
    report["verified"] = difference.empty();
    if (!difference.empty()) report["difference"] = difference;
  }
  report["written"] = flags.out;
  if (flags.json) {
    std::printf("%s\n", report.dump(1, ' ', false, Json::error_handler_t::replace).c_str());
  } else {
    PrintReport(flags, report);
  }
  return report.value("verified", true) ? SAMOYED_OK : SAMOYED_FAILED_CHECK;
}

}  // namespace

void AddOptimize(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<OptimizeFlags>();
  CLI::App* command = app.add_subcommand("optimize", "Write a model after our rewrites, in standard ONNX for any runtime");
  command->add_option("MODEL", flags->model, "an ONNX file; its external data is brought along");
  command->add_option("-o,--output", flags->out, "the file to write");
  std::string choices;  // in this form the completions offer them
  for (const std::string& name : StandardPasses()) choices += (choices.empty() ? "" : ",") + name;
  command->add_option("--without", flags->without, "leave this pass out (again for more)")
      ->allow_extra_args(false)
      ->type_name("PASS:{" + choices + "}");
  command->add_option("--only", flags->only, "run this pass alone (again for more)")
      ->allow_extra_args(false)
      ->type_name("PASS:{" + choices + "}");
  command->add_flag("--list-passes", flags->list, "what the passes do, in their order");
  command->add_option("--dim", flags->load.dims, "NAME=SIZE: a symbolic dimension gets this number for good, and more can be computed now")
      ->allow_extra_args(false);
  command->add_flag("--verify", flags->verify,
                    "compare both files on made-up inputs, on the reference kernels, and check that the new one is valid");
  command
      ->add_option("--shape", flags->shapes,
                   "sizes of the made-up inputs: x=1x3x224x224, or batch=1 for a symbolic dimension (*=1 for all)")
      ->allow_extra_args(false);
  command->add_option("--rtol", flags->rtol, "relative tolerance of --verify")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--atol", flags->atol, "absolute tolerance of --verify")->check(CLI::NonNegativeNumber)->capture_default_str();
  command->add_option("--deadline", flags->load.deadline, "give up after this many seconds")->check(CLI::PositiveNumber);
  command->add_option("--max-memory", flags->load.max_memory, "refuse to take more than this many bytes, e.g. 500000 or 64MiB")
      ->transform(CLI::AsSizeValue(false));
  command->add_flag("--json", flags->json, "say what was done as JSON");
  command->footer(
      "Names of inputs and outputs stay, operators stay those of the standard and of the model. Exit code 1 where --verify finds a "
      "difference; the file is left for a look.\n\n"
      "Example:\n  samoyed optimize model.onnx -o fast.onnx --verify\n  samoyed optimize model.onnx -o fixed.onnx --dim batch=1\n"
      "  samoyed optimize --list-passes");
  command->callback([flags, &exit_code] {
    int code = SAMOYED_OK;
    exit_code = Guarded([&] { code = Optimize(*flags); });
    if (exit_code == SAMOYED_OK) exit_code = code;
  });
}

}  // namespace samoyed::cli
