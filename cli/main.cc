// samoyed: runs ONNX models. Results go to stdout, everything else to stderr.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "commands.h"
#include "samoyed/image.h"
#include "suggest.h"
#include "support.h"

namespace samoyed::cli {
namespace {

// The line that a mistake on the command line gets: what was meant, where that can be told.
std::string Explain(const CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
  std::vector<std::string> commands;
  for (const CLI::App* c : app.get_subcommands({})) commands.push_back(c->get_name());
  const std::string first = argc > 1 ? argv[1] : "";
  const CLI::App* command = nullptr;
  for (const CLI::App* c : app.get_subcommands({})) command = c->get_name() == first ? c : command;
  const auto ask = [](const std::string& nearest) { return nearest.empty() ? std::string() : "; did you mean " + nearest + "?"; };
  if (first.empty()) return "say what to do; samoyed --help lists the commands";
  if (command == nullptr && first[0] == '-')
    return "there is no option " + first + ask(Nearest(first, {"--help", "--version"})) + " (samoyed --help lists what there is)";
  if (command == nullptr) return "there is no command \"" + first + "\"" + ask(Nearest(first, commands)) + " (samoyed --help lists them)";
  if (command != nullptr) {
    std::vector<std::string> options;
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
    }
    for (int i = 2; i < argc; ++i) {
      const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
      if (word.rfind("--", 0) == 0 && word.size() > 2 && std::find(options.begin(), options.end(), word) == options.end()) {
        return first + " has no option " + word + ask(Nearest(word, options)) + " (samoyed " + first + " --help lists them)";
      }
    }
  }
  std::string what = error.what();
  const std::string could_not = "Could not convert: ";
  if (const size_t equals = what.find(" = "); what.rfind(could_not, 0) == 0 && equals != std::string::npos)
    what = what.substr(could_not.size(), equals - could_not.size()) + " does not take \"" + what.substr(equals + 3) + "\"";
  return what + (command != nullptr ? " (samoyed " + first + " --help shows how)" : "");
}

int Main(int argc, char** argv) {
  Api().guard_mapped_files();
  constexpr samoyed_image_codec kCodec = {samoyed_image_decode, samoyed_image_free};
  Api().set_image_codec(&kCodec);
  CLI::App app("Runs ONNX models: reads and checks them, optimises the graph, and does the job around it.", "samoyed");
  app.set_version_flag("--version", std::string("samoyed ") + Api().version_string());
  app.require_subcommand(1);
  int exit_code = 0;
  for (const auto add : {AddClassify, AddRun, AddCheck, AddInspect, AddPack, AddVerify, AddOptimize, AddBench, AddProfile, AddTest, AddOps,
                         AddDevices, AddCompletion})
    add(app, exit_code);
  app.footer(
      "Exit codes: 0 done, 1 a check failed, 2 usage, 3 unsupported model, 4 over a limit, 5 bad input.\n"
      "Environment: SAMOYED_NUM_THREADS, SAMOYED_CPU (a level of `samoyed devices`), SAMOYED_LOG=quiet (errors alone on stderr)\n"
      "or debug (the kernel of each node), NO_COLOR.\n\n"
      "Example:\n  samoyed classify dog.jpg\n  samoyed bench --help");
  // "samoyed help" and "samoyed help bench" are what many type first.
  char help[] = "--help";
  std::vector<char*> words(argv, argv + argc);
  if (argc >= 2 && std::string(argv[1]) == "help") {
    words.erase(words.begin() + 1);
    words.resize(std::min<size_t>(words.size(), 2));
    words.push_back(help);
  }
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "%s %s\n", Alarm("samoyed:", stderr).c_str(),
                 Explain(app, static_cast<int>(words.size()), words.data(), error).c_str());
    return SAMOYED_USAGE;
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "%s the results could not be written: %s\n", Alarm("samoyed:", stderr).c_str(), std::strerror(errno));
    return SAMOYED_USAGE;
  }
  return exit_code;
}

}  // namespace
}  // namespace samoyed::cli

int main(int argc, char** argv) { return samoyed::cli::Main(argc, argv); }
