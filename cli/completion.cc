// samoyed completion: what a shell needs to complete commands and options, made from the parser itself.
#include <cstdio>

#include "commands.h"
#include "support.h"

namespace samoyed::cli {
namespace {

std::vector<std::string> OptionsOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html; zsh reads it through bashcompinit.
void PrintBash(const std::vector<const CLI::App*>& commands, bool zsh) {
  if (zsh) std::printf("#compdef samoyed\nautoload -U +X bashcompinit && bashcompinit\n");
  std::string names;
  for (const CLI::App* c : commands) names += (names.empty() ? "" : " ") + c->get_name();
  std::printf(
      "_samoyed() {\n  local word=${COMP_WORDS[COMP_CWORD]} words=\n  if [ \"$COMP_CWORD\" -eq 1 ]; then words='%s'; else case "
      "${COMP_WORDS[1]} in\n",
      names.c_str());
  for (const CLI::App* c : commands) std::printf("    %s) words='%s' ;;\n", c->get_name().c_str(), Joined(OptionsOf(*c)).c_str());
  std::printf(
      "  esac; fi\n  if [ \"$COMP_CWORD\" -eq 1 ] || [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$word\")); else "
      "COMPREPLY=($(compgen -f -- \"$word\")); fi\n}\n"
      "complete -o filenames -F _samoyed samoyed\n");
}

// https://fishshell.com/docs/current/completions.html
void PrintFish(const std::vector<const CLI::App*>& commands) {
  for (const CLI::App* c : commands) {
    std::printf("complete -c samoyed -n __fish_use_subcommand -a %s -d \"%s\"\n", c->get_name().c_str(), c->get_description().c_str());
    for (const std::string& option : OptionsOf(*c))
      std::printf("complete -c samoyed -n '__fish_seen_subcommand_from %s' -l %s\n", c->get_name().c_str(), option.substr(2).c_str());
  }
}

}  // namespace

void AddCompletion(CLI::App& app, int& exit_code) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print the completion of commands and options for a shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer("Example:\n  source <(samoyed completion bash)\n  samoyed completion fish > ~/.config/fish/completions/samoyed.fish");
  command->callback([shell, &app, &exit_code] {
    exit_code = Guarded([&] {
      const std::vector<const CLI::App*> commands = [&] {
        std::vector<const CLI::App*> list;
        for (const CLI::App* c : app.get_subcommands({})) list.push_back(c);
        return list;
      }();
      if (*shell == "fish") {
        PrintFish(commands);
      } else {
        PrintBash(commands, *shell == "zsh");
      }
    });
  });
}

}  // namespace samoyed::cli
