// Command-line flags as upstream takes them: one or two dashes, "--flag value" or "--flag=value",
// switches alone or with "=true" (OPR-1, OPR-2, OPR-7). The last of several wins.
//
//   const FlagTexts flags = TRY(parse_flags({"-metrics-port", "8000", "--enable-profiling"}));
//
// Unlike upstream, words that are no flags are refused instead of ending the flags silently.
// Thread rule: pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ops/options.h"

namespace CLI {
class App;
}

namespace ops {

// Registers every setting with the command. `texts` receives what was given and must live as long
// as the command.
void add_settings(CLI::App& command, FlagTexts& texts);

// "-metrics-port" -> "--metrics-port"; empty arguments are left out.
std::vector<std::string> with_two_dashes(std::span<const std::string> arguments);

// Errors: kInvalid, "parsing flags, ...".
base::Result<FlagTexts> parse_flags(std::span<const std::string> arguments);

// Is any of the settings' variables set? Then someone means to run the controller, not to read
// the help.
bool has_settings(const runtime::Environment& environment);

}  // namespace ops
