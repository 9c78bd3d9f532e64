// The commands: each is a file of its own that adds itself to the parser and runs when it was chosen.
#ifndef SAMOYED_CLI_COMMANDS_H_
#define SAMOYED_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>

namespace samoyed::cli {

// Each returns nothing; a chosen command sets `exit_code` (the codes of samoyed.h).
void AddClassify(CLI::App& app, int& exit_code);
void AddRun(CLI::App& app, int& exit_code);
void AddCheck(CLI::App& app, int& exit_code);
void AddInspect(CLI::App& app, int& exit_code);
void AddPack(CLI::App& app, int& exit_code);
void AddVerify(CLI::App& app, int& exit_code);
void AddOps(CLI::App& app, int& exit_code);
void AddDevices(CLI::App& app, int& exit_code);
void AddOptimize(CLI::App& app, int& exit_code);
void AddBench(CLI::App& app, int& exit_code);
void AddProfile(CLI::App& app, int& exit_code);
void AddTest(CLI::App& app, int& exit_code);
void AddCompletion(CLI::App& app, int& exit_code);

}  // namespace samoyed::cli

#endif  // SAMOYED_CLI_COMMANDS_H_
