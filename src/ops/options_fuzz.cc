// Flags and variables, one per line ("-" begins a flag, the rest is NAME=value): a readable error
// or options that hold what they promise.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ops/flags.h"

#include "base/assert.h"
#include "base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> arguments;
  runtime::Environment environment;
  for (const std::string_view line : base::split(text, '\n')) {
    const base::TextPair pair = base::split_once(line, '=');
    if (line.starts_with('-')) {
      arguments.emplace_back(line);
    } else if (pair.after) {
      environment.set(std::string(pair.before), std::string(*pair.after));
    }
  }
  const auto flags = ops::parse_flags(arguments);
  if (!flags) {
    ASSERT(flags.error().detail.starts_with("parsing flags, "));
    return 0;
  }
  const auto options = ops::resolve_options(*flags, environment);
  if (!options) {
    ASSERT(!options.error().detail.empty());
    return 0;
  }
  ASSERT(options->metrics_port >= 0 && options->metrics_port <= 65535);
  ASSERT(options->cpu_cores() >= 1);
  ASSERT(options->cloud_provider == "kwok" || !options->cluster_name.empty());
  return 0;
}
