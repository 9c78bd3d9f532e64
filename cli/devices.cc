// samoyed devices and samoyed ops: what this build can do on this machine.
#include <cstdio>
#include <nlohmann/json.hpp>

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

void AddOps(CLI::App& app, int& exit_code) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("ops", "List the operators, their versions, and whether this build has a kernel");
  command->add_flag("--json", *json, "as JSON");
  command->footer("Example:\n  samoyed ops | grep Conv");
  command->callback([json, &exit_code] {
    exit_code = Guarded([&] {
      const TextPtr text(Api().operators_json());
      if (*json) {
        std::printf("%s\n", Api().text_data(text.get()));
        return;
      }
      const auto operators = nlohmann::json::parse(Api().text_data(text.get()));
      for (const auto& op : operators) {
        std::string versions;
        for (const auto& v : op["versions"]) versions += (versions.empty() ? "" : ", ") + std::to_string(v.get<int>());
        std::printf("%-26s %-28s %-8s %s\n", op["domain"].get<std::string>().c_str(), op["name"].get<std::string>().c_str(),
                    op["kernel"].get<bool>() ? "yes" : "no", versions.c_str());
      }
    });
  });
}

}  // namespace samoyed::cli
