// samoyed completion: what a shell needs to complete commands and options, made from the parser itself.
#include <cstdio>
#include <sstream>

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

// The values that an option or argument is limited to, or nothing: CLI11 shows them as "TEXT:{pb,npy}".
std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find('{'), close = type.find('}');
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string item; std::getline(list, item, ',');) choices.push_back(item);
  return choices;
}

// A case of the shell for each option with choices, and for arguments with choices.
std::string ChoiceCases(const std::vector<const CLI::App*>& commands, const char* indent) {
  std::string out;
  for (const CLI::App* c : commands) {
    for (const CLI::Option* option : c->get_options()) {
      const std::string choices = Joined(ChoicesOf(*option));
      if (choices.empty()) continue;
      const std::string previous = option->get_lnames().empty() ? c->get_name() : "--" + option->get_lnames()[0];
      out += indent + c->get_name() + ":" + previous + ") list='" + choices + "' ;;\n";
    }
  }
  return out;
}

std::string OptionCases(const std::vector<const CLI::App*>& commands, const char* indent) {
  std::string out;
  for (const CLI::App* c : commands) out += indent + c->get_name() + ") list='" + Joined(OptionsOf(*c)) + "' ;;\n";
  return out;
}

std::string Names(const std::vector<const CLI::App*>& commands) {
  std::string names;
  for (const CLI::App* c : commands) names += (names.empty() ? "" : " ") + c->get_name();
  return names;
}

// https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html
void PrintBash(const std::vector<const CLI::App*>& commands) {
  std::printf(
      "_samoyed() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} list=\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W '%s' -- \"$word\")); return; fi\n"
      "  case ${COMP_WORDS[1]}:${COMP_WORDS[COMP_CWORD-1]} in\n%s  esac\n"
      "  if [ -z \"$list\" ] && [[ $word == -* ]]; then\n"
      "    case ${COMP_WORDS[1]} in\n%s    esac\n"
      "  fi\n"
      "  if [ -n \"$list\" ]; then COMPREPLY=($(compgen -W \"$list\" -- \"$word\")); return; fi\n"
      "  local IFS=$'\\n'\n"
      "  COMPREPLY=($(compgen -f -- \"$word\"))\n"
      "}\n"
      "complete -o filenames -F _samoyed samoyed\n",
      Names(commands).c_str(), ChoiceCases(commands, "    ").c_str(), OptionCases(commands, "      ").c_str());
}

// https://zsh.sourceforge.io/Doc/Release/Completion-System.html; works when sourced and as a file _samoyed in $fpath.
void PrintZsh(const std::vector<const CLI::App*>& commands) {
  std::printf(
      "#compdef samoyed\n"
      "_samoyed() {\n"
      "  local list=\n"
      "  if (( CURRENT == 2 )); then compadd -- %s; return; fi\n"
      "  case ${words[2]}:${words[CURRENT-1]} in\n%s  esac\n"
      "  if [[ -z $list && $PREFIX == -* ]]; then\n"
      "    case ${words[2]} in\n%s    esac\n"
      "  fi\n"
      "  if [[ -n $list ]]; then compadd -- ${=list}; else _files; fi\n"
      "}\n"
      "if [[ ${funcstack[1]} == _samoyed ]]; then\n"
      "  _samoyed \"$@\"\n"
      "else\n"
      "  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }\n"
      "  compdef _samoyed samoyed\n"
      "fi\n",
      Names(commands).c_str(), ChoiceCases(commands, "    ").c_str(), OptionCases(commands, "      ").c_str());
}

// https://fishshell.com/docs/current/completions.html
void PrintFish(const std::vector<const CLI::App*>& commands) {
  const auto quoted = [](const std::string& text) {
    std::string out = "'";
    for (char c : text) {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
    return out + "'";
  };
  for (const CLI::App* c : commands) {
    const std::string name = c->get_name(), seen = " -n '__fish_seen_subcommand_from " + name + "'";
    std::printf("complete -c samoyed -n __fish_use_subcommand -f -a %s -d %s\n", name.c_str(), quoted(c->get_description()).c_str());
    for (const CLI::Option* option : c->get_options()) {
      const std::string choices = Joined(ChoicesOf(*option));
      const std::string values = choices.empty() ? "" : " -x -a '" + choices + "'";
      for (const std::string& long_name : option->get_lnames()) {
        const char* takes = choices.empty() && option->get_type_size() != 0 ? " -r" : "";
        std::printf("complete -c samoyed%s -l %s%s%s -d %s\n", seen.c_str(), long_name.c_str(), takes, values.c_str(),
                    quoted(option->get_description()).c_str());
      }
      if (option->get_lnames().empty() && !choices.empty())
        std::printf("complete -c samoyed%s -f -a '%s'\n", seen.c_str(), choices.c_str());
    }
  }
}

}  // namespace

void AddCompletion(CLI::App& app, int& exit_code) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print the completion of commands and options for a shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "Example:\n  source <(samoyed completion bash)\n  samoyed completion zsh > ~/.zfunc/_samoyed\n  samoyed completion fish > "
      "~/.config/fish/completions/samoyed.fish");
  command->callback([shell, &app, &exit_code] {
    exit_code = Guarded([&] {
      const std::vector<const CLI::App*> commands = [&] {
        std::vector<const CLI::App*> list;
        for (const CLI::App* c : app.get_subcommands({})) list.push_back(c);
        return list;
      }();
      if (*shell == "fish") {
        PrintFish(commands);
      } else if (*shell == "zsh") {
        PrintZsh(commands);
      } else {
        PrintBash(commands);
      }
    });
  });
}

}  // namespace samoyed::cli
