#include "app/completion.h"

#include <vector>

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace app {
namespace {

struct Flag {
  std::string name;        // "--output"; empty: a positional argument.
  std::string short_name;  // "-o", or empty.
  std::string description;
  std::vector<std::string> choices;  // Empty: anything.
  bool takes_value = false;
};

struct Command {
  std::string name;
  std::string description;
  std::vector<Flag> flags;
};

// CLI11 keeps the members of a choice only in its description: "TEXT:{a,b}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  std::vector<std::string> out;
  if (open != std::string::npos && close != std::string::npos) {
    for (const std::string_view choice :
         base::split(std::string_view(type).substr(open + 1, close - open - 1), ',')) {
      out.emplace_back(choice);
    }
  }
  return out;
}

Command command_of(const CLI::App& app) {
  Command command{app.get_name(), app.get_description(), {}};
  for (const CLI::Option* option : app.get_options()) {
    const auto& shorts = option->get_snames();
    const Flag flag{.name = "",
                    .short_name = shorts.empty() ? "" : "-" + shorts.front(),
                    .description = option->get_description(),
                    .choices = choices_of(*option),
                    .takes_value = option->get_items_expected_max() > 0};
    if (option->get_positional()) {
      command.flags.push_back(flag);
    }
    for (const std::string& name : option->get_lnames()) {
      command.flags.push_back(flag);
      command.flags.back().name = "--" + name;
    }
  }
  return command;
}

std::vector<Command> commands(const CLI::App& program) {
  std::vector<Command> result;
  for (const CLI::App* app : program.get_subcommands([](const CLI::App*) { return true; })) {
    result.push_back(command_of(*app));
  }
  return result;
}

// The words that may stand where no flag's value is expected.
std::string words_of(const Command& command) {
  std::string words;
  for (const Flag& flag : command.flags) {
    words += (words.empty() ? "" : " ") +
             (flag.name.empty() ? base::join(flag.choices, " ") : flag.name);
  }
  return words;
}

std::string bash_case(const Command& command) {
  std::string values;
  for (const Flag& flag : command.flags) {
    if (flag.takes_value && !flag.name.empty()) {
      values += base::concat("        ",
                             flag.short_name,
                             flag.short_name.empty() ? "" : "|",
                             flag.name,
                             ") words=\"",
                             base::join(flag.choices, " "),
                             "\" ;;\n");
    }
  }
  return base::concat("    ",
                      command.name,
                      ")\n      words=\"",
                      words_of(command),
                      "\"\n      case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n",
                      values,
                      "        *) : ;;\n      esac ;;\n");
}

std::string bash(const std::vector<Command>& all) {
  std::vector<std::string> names;
  std::string cases;
  for (const Command& command : all) {
    names.push_back(command.name);
    cases += bash_case(command);
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

std::string fish_text(const std::string& text) {
  return base::concat("'", base::replace_all(text, "'", "\\'"), "'");
}

std::string fish_flag(const Command& command, const Flag& flag) {
  std::string out =
      base::concat("complete -c karpenter -n '__fish_seen_subcommand_from ", command.name, "'");
  if (!flag.name.empty()) {
    out += base::concat(" -l ",
                        flag.name.substr(2),
                        " -d ",
                        fish_text(flag.description),
                        flag.takes_value ? " -r" : "",
                        flag.short_name.empty() ? "" : " -s ",
                        flag.short_name.empty() ? "" : flag.short_name.substr(1));
  }
  if (!flag.choices.empty()) {
    out += base::concat(" -f -a ", fish_text(base::join(flag.choices, " ")));
  }
  return out + "\n";
}

std::string fish(const std::vector<Command>& all) {
  std::string text;
  for (const Command& command : all) {
    text += base::concat("complete -c karpenter -f -n __fish_use_subcommand -a ",
                         command.name,
                         " -d ",
                         fish_text(command.description),
                         "\n");
    for (const Flag& flag : command.flags) {
      text += fish_flag(command, flag);
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
