#include "app/completion.h"

#include <vector>

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace app {
namespace {

struct Command {
  std::string name;
  std::string description;
  std::vector<std::string> flags;  // "--output"
};

std::vector<Command> commands(const CLI::App& program) {
  std::vector<Command> result;
  for (const CLI::App* app : program.get_subcommands([](const CLI::App*) { return true; })) {
    Command command{app->get_name(), app->get_description(), {}};
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        command.flags.push_back("--" + name);
      }
    }
    result.push_back(std::move(command));
  }
  return result;
}

std::string bash(const std::vector<Command>& all) {
  std::vector<std::string> names;
  std::string cases;
  for (const Command& command : all) {
    names.push_back(command.name);
    cases +=
        base::concat("    ", command.name, ") words=\"", base::join(command.flags, " "), "\" ;;\n");
  }
  return base::concat(
      "_karpenter() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" words=\"",
      base::join(names, " "),
      "\"\n  [ \"$COMP_CWORD\" -gt 1 ] && case \"${COMP_WORDS[1]}\" in\n",
      cases,
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "  [ ${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- \"$word\"))\n"
      "}\n"
      "complete -o filenames -F _karpenter karpenter\n");
}

std::string fish(const std::vector<Command>& all) {
  std::string text;
  for (const Command& command : all) {
    text += base::concat("complete -c karpenter -n __fish_use_subcommand -a ",
                         command.name,
                         " -d '",
                         base::replace_all(command.description, "'", "\\'"),
                         "'\n");
    for (const std::string& flag : command.flags) {
      text += base::concat("complete -c karpenter -n '__fish_seen_subcommand_from ",
                           command.name,
                           "' -l ",
                           flag.substr(2),
                           "\n");
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const CLI::App& program, const std::string& shell) {
  const std::vector<Command> all = commands(program);
  if (shell == "fish") {
    return fish(all);
  }
  // zsh runs bash completions through its own compatibility layer.
  return (shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "") + bash(all);
}

}  // namespace app
