#include "ops/flags.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace ops {

namespace {

std::string group_title(SettingGroup group) {
  switch (group) {
    case SettingGroup::kCore:
      return "Settings (flag, else environment variable, else default)";
    case SettingGroup::kProvider:
      return "Cloud provider";
    case SettingGroup::kAws:
      return "AWS";
  }
  return "";
}

}  // namespace

void add_settings(CLI::App& command, FlagTexts& texts) {
  for (const Setting& setting : settings()) {
    const std::string name = base::concat("--", setting.flag);
    const std::string help = base::concat(setting.help, " [$", setting.environment_name(), "]");
    CLI::Option* option =
        setting.is_switch() ? command.add_flag(name, help) : command.add_option(name, help);
    option->each([&texts, flag = std::string(setting.flag)](const std::string& value) {
      texts[flag] = value;
    });
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    option->group(group_title(setting.group));
    if (!setting.is_switch()) {
      option->type_name(std::string(setting.type_name()));
    }
    if (!setting.fallback.empty()) {
      option->description(base::concat(help, " (default ", setting.fallback, ")"));
    }
  }
}

// CLI11 takes an empty value after "=" for a missing one: it gets it as a word of its own.
std::vector<std::string> with_two_dashes(std::span<const std::string> arguments) {
  std::vector<std::string> out;
  bool is_value = false;  // Of the flag before.
  for (const std::string& argument : arguments) {
    if (std::exchange(is_value, false)) {
      out.push_back(argument);
      continue;
    }
    const std::size_t dashes = argument.starts_with("--") ? 2 : argument.starts_with('-') ? 1 : 0;
    const auto [name, value] = base::split_once(std::string_view(argument).substr(dashes), '=');
    const auto setting = std::ranges::find(settings(), name, &Setting::flag);
    if (dashes == 0 || setting == settings().end()) {
      if (!argument.empty()) {
        out.push_back(argument);
      }
      continue;
    }
    is_value = !setting->is_switch() && !value;
    if (value == "" && !setting->is_switch()) {
      out.push_back(base::concat("--", name));
      out.emplace_back();
    } else {
      out.push_back(dashes == 1 ? "-" + argument : argument);
    }
  }
  return out;
}

base::Result<FlagTexts> parse_flags(std::span<const std::string> arguments) {
  FlagTexts texts;
  CLI::App command;
  add_settings(command, texts);
  std::vector<std::string> reversed = with_two_dashes(arguments);
  std::ranges::reverse(reversed);  // CLI11 takes them from the back.
  try {
    command.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return base::fail(base::ErrorCode::kInvalid, base::concat("parsing flags, ", error.what()));
  }
  return texts;
}

bool has_settings(const runtime::Environment& environment) {
  return std::ranges::any_of(settings(), [&](const Setting& setting) {
    return environment.get(setting.environment_name()).has_value();
  });
}

}  // namespace ops
