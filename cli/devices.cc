// samoyed devices and samoyed ops: what this build can do on this machine.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "commands.h"
#include "support.h"

namespace samoyed::cli {

void AddDevices(CLI::App& app, int& exit_code) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("devices", "Show providers, the processor's instruction set levels and threads");
  command->add_flag("--json", *json, "as JSON");
  command->footer("Example:\n  samoyed devices");
  command->callback([json, &exit_code] {
    exit_code = Guarded([&] {
      const TextPtr text(Api().devices_json());
      if (*json) {
        std::printf("%s\n", Api().text_data(text.get()));
        return;
      }
      const auto devices = nlohmann::json::parse(Api().text_data(text.get()));
      std::printf("processor level  %s (of:", devices["cpu"]["level"].get<std::string>().c_str());
      for (const auto& level : devices["cpu"]["levels"]) std::printf(" %s", level.get<std::string>().c_str());
      std::printf(")\nthreads          %d\nproviders       ", devices["cpu"]["threads"].get<int>());
      for (const auto& provider : devices["providers"]) std::printf(" %s", provider.get<std::string>().c_str());
      std::printf("\n");
    });
  });
}

namespace {

using nlohmann::json;

std::string Join(const json& list) {
  std::string out;
  for (const json& item : list)
    out += (out.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : std::to_string(item.get<int>()));
  return out;
}

void PrintTable(const json& operators) {
  for (const json& op : operators) {
    std::printf("%-26s %-28s %-10s %s\n", op["domain"].get<std::string>().c_str(), op["name"].get<std::string>().c_str(),
                !op["kernel"].get<bool>() ? "no"
                : op["fast"].get<bool>()  ? "fast"
                                          : "reference",
                Join(op["versions"]).c_str());
  }
}

// docs/operators.md is this.
void PrintMarkdown(const json& operators) {
  size_t versions = 0;
  for (const json& op : operators) versions += op["versions"].size();
  std::printf(
      "# Operators\n\nMade by `samoyed ops --markdown`; a test compares. %zu operators in %zu versions. How many of the standard's cases "
      "pass: [conformance.md](conformance.md).\n\n"
      "Every operator has a reference kernel; *fast* ones have kernels of the cpu "
      "provider besides, for\n"
      "float32 (and for the bytes of quantised networks) at every instruction set level. Types are those of the newest version.\n",
      operators.size(), versions);
  std::string domain;
  for (const json& op : operators) {
    if (op["domain"] != domain) {
      domain = op["domain"];
      std::printf("\n## %s\n\n| operator | versions | kernels | types |\n|---|---|---|---|\n", domain.c_str());
    }
    std::string types;
    for (const auto& [variable, list] : op["types"].items()) types += (types.empty() ? "" : "; ") + variable + ": " + Join(list);
    std::printf("| %s | %s | %s | %s |\n", op["name"].get<std::string>().c_str(), Join(op["versions"]).c_str(),
                !op["kernel"].get<bool>() ? "none"
                : op["fast"].get<bool>()  ? "fast, reference"
                                          : "reference",
                types.c_str());
  }
}

}  // namespace

void AddOps(CLI::App& app, int& exit_code) {
  struct Flags {
    bool json = false, markdown = false;
    std::string domain;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("ops", "List the operators, their versions, and which kernels this build has");
  command->add_flag("--json", flags->json, "as JSON, with types");
  command->add_flag("--markdown", flags->markdown, "as the page docs/operators.md, with types")->excludes("--json");
  command->add_option("--domain", flags->domain, "of one domain alone: ai.onnx, ai.onnx.ml, com.microsoft, ...");
  command->footer("Example:\n  samoyed ops --domain ai.onnx | grep Conv");
  command->callback([flags, &exit_code] {
    exit_code = Guarded([&] {
      const TextPtr text(Api().operators_json());
      json operators = json::array();
      for (json& op : json::parse(Api().text_data(text.get()))) {
        if (flags->domain.empty() || op["domain"] == flags->domain) operators.push_back(std::move(op));
      }
      if (operators.empty()) throw Error(SAMOYED_USAGE, "no operator is of the domain \"" + flags->domain + "\"");
      if (flags->json) {
        std::printf("%s\n", operators.dump(1).c_str());
      } else if (flags->markdown) {
        PrintMarkdown(operators);
      } else {
        PrintTable(operators);
      }
    });
  });
}

}  // namespace samoyed::cli
