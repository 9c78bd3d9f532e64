// samoyed: runs ONNX models. Results go to stdout, everything else to stderr.
#include "commands.h"
#include "support.h"

int main(int argc, char** argv) {
  using namespace samoyed::cli;
  CLI::App app("Runs ONNX models: reads and checks them, optimises the graph, and does the job around it.");
  app.set_version_flag("--version", std::string("samoyed ") + Api().version_string());
  app.require_subcommand(1);
  int exit_code = 0;
  AddClassify(app, exit_code);
  AddRun(app, exit_code);
  AddCheck(app, exit_code);
  AddInspect(app, exit_code);
  AddPack(app, exit_code);
  AddVerify(app, exit_code);
  AddOps(app, exit_code);
  AddDevices(app, exit_code);
  AddBench(app, exit_code);
  AddTest(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : SAMOYED_USAGE;
  }
  return exit_code;
}
